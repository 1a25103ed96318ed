"""What every vendor needs and none owns. Nothing in here names a vendor."""
