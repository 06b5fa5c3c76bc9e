# One image for each server, and one for the command line (docs/containers.md):
#   podman build --format docker --target ibkr-server --tag spreadmesh/ibkr-server .
# BASE may be pinned, docker.io/library/debian@sha256:…, or be an image of your own, localhost/spreadmesh/base:bookworm.
ARG BASE=docker.io/library/debian:bookworm-slim
# What the scanner's loops are compiled for: generic runs on every processor of an architecture.
ARG KERNEL_CPU=generic
ARG VERSION=0.1.0
ARG REVISION=unknown

# ---- what all images stand on ------------------------------------------------------------------------------------
FROM ${BASE} AS runtime
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 tzdata \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/ldconfig /var/log/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin spreadmesh \
 && install -d -o 10001 -g 10001 /etc/spreadmesh /etc/spreadmesh/access /etc/spreadmesh/key /etc/spreadmesh/tls \
    /var/lib/spreadmesh
WORKDIR /
ENV PATH=/opt/spreadmesh/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1
STOPSIGNAL SIGTERM

# ---- what builds them: lent to their steps, and in none of them -------------------------------------------------
# The secrets are optional: pip.conf of a package index of your own, and the certificates that it needs.
# Images mount /opt/build from the later stage, as older buildah lends a stage without its last step.
FROM runtime AS builder
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3-venv \
 && python3 -m venv /opt/build
COPY deploy/images/build.lock deploy/images/finish deploy/images/pip deploy/images/sbom.py /opt/build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip --mount=type=secret,id=certificates \
    /opt/build/pip install --no-deps --only-binary :all: --require-hashes --requirement /opt/build/build.lock

FROM builder AS project
COPY . /source
RUN /opt/build/pip wheel --no-deps --no-index --no-build-isolation --wheel-dir /wheel /source \
 && python3 -m venv --without-pip /opt/spreadmesh \
 && /opt/build/pip --python /opt/spreadmesh install --no-compile --no-deps --no-index /wheel/*.whl \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/spreadmesh/lib

# ---- the images: packages, the project, what it needs to know ---------------------------------------------------
FROM runtime AS cli
COPY deploy/images/install deploy/images/cli.lock /usr/share/spreadmesh/
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip --mount=type=secret,id=certificates /usr/share/spreadmesh/install cli
COPY --from=project /opt/spreadmesh /opt/spreadmesh
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build /opt/build/finish cli
ENTRYPOINT ["/opt/spreadmesh/bin/spreadmesh"]
CMD ["--help"]
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="spreadmesh" \
      org.opencontainers.image.description="The spreadmesh command line" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS tws-sim
COPY deploy/images/install deploy/images/tws-sim.lock /usr/share/spreadmesh/
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip --mount=type=secret,id=certificates /usr/share/spreadmesh/install tws-sim
COPY --from=project /opt/spreadmesh /opt/spreadmesh
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build /opt/build/finish tws-sim
EXPOSE 7497 7498
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "tws_sim", "counters", "--control", "127.0.0.1:7498"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "tws_sim"]
CMD ["synthetic", "--host", "0.0.0.0", "--control-port", "7498"]
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="tws-sim" \
      org.opencontainers.image.description="A simulator of the TWS and IB Gateway socket protocol" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS ibkr-server
COPY deploy/images/install deploy/images/ibkr-server.lock /usr/share/spreadmesh/
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip --mount=type=secret,id=certificates /usr/share/spreadmesh/install ibkr-server
COPY --from=project /opt/spreadmesh /opt/spreadmesh
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build /opt/build/finish ibkr-server
ENV HOST=0.0.0.0 LOG_FORMAT=json \
    PORT=7401 HEALTH_PORT=7481 METRICS_PORT=7491 \
    JOURNAL=/var/lib/spreadmesh/orders.db
EXPOSE 7401 7481 7491
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "mesh.probe", "127.0.0.1:7481"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "ibkr_server"]
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="ibkr-server" \
      org.opencontainers.image.description="Market data and orders of one Interactive Brokers login, by gRPC" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS scanner-server
COPY deploy/images/install deploy/images/scanner-server.lock /usr/share/spreadmesh/
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip --mount=type=secret,id=certificates /usr/share/spreadmesh/install scanner-server
ARG KERNEL_CPU
ENV NUMBA_CPU_NAME=${KERNEL_CPU} NUMBA_CPU_FEATURES=
COPY --from=project /opt/spreadmesh /opt/spreadmesh
RUN --mount=type=bind,from=project,source=/opt/build,target=/opt/build /opt/build/finish scanner-server scanner_server.warm
ENV HOST=0.0.0.0 LOG_FORMAT=json \
    PORT=7402 HEALTH_PORT=7482 METRICS_PORT=7492 \
    VOLATILITY_FILE=/var/lib/spreadmesh/volatility.sqlite3 PRESETS_FILE=/var/lib/spreadmesh/presets.sqlite3
EXPOSE 7402 7482 7492
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "mesh.probe", "127.0.0.1:7482"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "scanner_server"]
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="scanner-server" \
      org.opencontainers.image.description="Streams ranked option spreads, by gRPC" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
