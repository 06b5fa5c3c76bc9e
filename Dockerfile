# One image for each server, and one for the command line (docs/containers.md):
#   podman build --format docker --target ibkr-server --tag spreadmesh/ibkr-server .
# BASE may be pinned, docker.io/library/debian@sha256:…, or be an image of your own, localhost/spreadmesh/base:bookworm.
ARG BASE=docker.io/library/debian:bookworm-slim
# What the scanner's loops are compiled for: generic runs on every processor of an architecture.
ARG KERNEL_CPU=generic

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

# ---- what builds them; none of it is in an image -----------------------------------------------------------------
# The secrets are optional: pip.conf of a package index of your own, and the certificates that it needs.
FROM runtime AS builder
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3-venv \
 && python3 -m venv /opt/build \
 && python3 -m venv --without-pip /opt/spreadmesh
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
COPY deploy/images/build.lock /build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates \
    /opt/build/bin/pip install --quiet --no-compile --no-deps --only-binary :all: --require-hashes -r /build/build.lock

FROM builder AS wheel
COPY . /source
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-index --no-build-isolation --wheel-dir /build /source

FROM builder AS cli-packages
COPY deploy/images/cli.lock deploy/images/install /build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates /build/install cli
COPY --from=wheel /build/*.whl /source/deploy/images/finish /source/deploy/images/sbom.py /build/
COPY --from=runtime /var/lib/dpkg/status /build/
RUN /build/finish cli

FROM builder AS ibkr-server-packages
COPY deploy/images/ibkr-server.lock deploy/images/install /build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates /build/install ibkr-server
COPY --from=wheel /build/*.whl /source/deploy/images/finish /source/deploy/images/sbom.py /build/
COPY --from=runtime /var/lib/dpkg/status /build/
RUN /build/finish ibkr-server

FROM builder AS tws-sim-packages
COPY deploy/images/tws-sim.lock deploy/images/install /build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates /build/install tws-sim
COPY --from=wheel /build/*.whl /source/deploy/images/finish /source/deploy/images/sbom.py /build/
COPY --from=runtime /var/lib/dpkg/status /build/
RUN /build/finish tws-sim

FROM builder AS scanner-server-packages
COPY deploy/images/scanner-server.lock deploy/images/install /build/
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates /build/install scanner-server
COPY --from=wheel /build/*.whl /source/deploy/images/finish /source/deploy/images/sbom.py /build/
COPY --from=runtime /var/lib/dpkg/status /build/
ARG KERNEL_CPU
ENV NUMBA_CPU_NAME=${KERNEL_CPU} NUMBA_CPU_FEATURES=
RUN /build/finish scanner-server scanner_server.warm

# ---- the images --------------------------------------------------------------------------------------------------
FROM runtime AS image
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="spreadmesh" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
STOPSIGNAL SIGTERM

FROM image AS cli
LABEL org.opencontainers.image.title="spreadmesh" \
      org.opencontainers.image.description="The spreadmesh command line"
COPY --from=cli-packages /build/sbom.cdx.json /usr/share/spreadmesh/
COPY --from=cli-packages /opt/spreadmesh /opt/spreadmesh
ENTRYPOINT ["/opt/spreadmesh/bin/spreadmesh"]
CMD ["--help"]

FROM image AS tws-sim
LABEL org.opencontainers.image.title="tws-sim" \
      org.opencontainers.image.description="A simulator of the TWS and IB Gateway socket protocol"
COPY --from=tws-sim-packages /build/sbom.cdx.json /usr/share/spreadmesh/
COPY --from=tws-sim-packages /opt/spreadmesh /opt/spreadmesh
EXPOSE 7497 7498
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "tws_sim", "counters", "--control", "127.0.0.1:7498"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "tws_sim"]
CMD ["synthetic", "--host", "0.0.0.0", "--control-port", "7498"]

FROM image AS server
ENV HOST=0.0.0.0 \
    LOG_FORMAT=json

FROM server AS ibkr-server
LABEL org.opencontainers.image.title="ibkr-server" \
      org.opencontainers.image.description="Market data and orders of one Interactive Brokers login, by gRPC"
COPY --from=ibkr-server-packages /build/sbom.cdx.json /usr/share/spreadmesh/
COPY --from=ibkr-server-packages /opt/spreadmesh /opt/spreadmesh
ENV PORT=7401 HEALTH_PORT=7481 METRICS_PORT=7491 JOURNAL=/var/lib/spreadmesh/orders.db
EXPOSE 7401 7481 7491
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "mesh.probe", "127.0.0.1:7481"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "ibkr_server"]

FROM server AS scanner-server
LABEL org.opencontainers.image.title="scanner-server" \
      org.opencontainers.image.description="Streams ranked option spreads, by gRPC"
COPY --from=scanner-server-packages /build/sbom.cdx.json /usr/share/spreadmesh/
COPY --from=scanner-server-packages /opt/spreadmesh /opt/spreadmesh
ARG KERNEL_CPU
ENV NUMBA_CPU_NAME=${KERNEL_CPU} NUMBA_CPU_FEATURES= \
    PORT=7402 HEALTH_PORT=7482 METRICS_PORT=7492 \
    VOLATILITY_FILE=/var/lib/spreadmesh/volatility.sqlite3 PRESETS_FILE=/var/lib/spreadmesh/presets.sqlite3
EXPOSE 7402 7482 7492
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["/opt/spreadmesh/bin/python", "-m", "mesh.probe", "127.0.0.1:7482"]
ENTRYPOINT ["/opt/spreadmesh/bin/python", "-m", "scanner_server"]
