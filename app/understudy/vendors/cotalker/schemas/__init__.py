"""What Cotalker accepts in queries and bodies, and the words it refuses the rest with.

Its validator is of the Joi family: the first value that doesn't fit ends the check. Parameters that an operation doesn't know are
ignored, for the partner SDK sends some; an empty value is refused, not ignored.
"""
