# syntax=docker/dockerfile:1

FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY app ./app
COPY openapi ./openapi
COPY fixtures ./fixtures
# The default world is made here, so that no container has to make it at its start.
RUN python -m venv /opt/understudy \
    && /opt/understudy/bin/pip install --no-cache-dir . \
    && UNDERSTUDY_CACHE=/opt/understudy/cache /opt/understudy/bin/understudy world

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Understudy" \
      org.opencontainers.image.description="A stand-in for the task APIs of Cotalker, Cubicl and GroupCamp"
RUN useradd --system --uid 10001 --no-create-home understudy && install -d -o understudy -g understudy /data /data/ca
COPY --from=build /opt/understudy /opt/understudy
ENV PATH=/opt/understudy/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    UNDERSTUDY_CACHE=/opt/understudy/cache \
    UNDERSTUDY_DATA=/data \
    UNDERSTUDY_CA=/data/ca \
    UNDERSTUDY_HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8080 8081 8082 8083
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["understudy", "wait", "--timeout", "0"]
ENTRYPOINT ["understudy"]
CMD ["serve"]
