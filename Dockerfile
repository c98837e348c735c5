# docker build --target web .     one static binary and nothing else
# docker build --target worker .  the same beside a small Debian
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/arengo ./cmd/arengo && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot AS web
COPY --from=build /out/arengo /usr/local/bin/arengo
# A volume that is mounted here takes this owner.
COPY --from=build --chown=65532:65532 /out/data /data
ENV ARENGO_ADDR=:8080 ARENGO_DATA_DIR=/data ARENGO_LOG=json
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/arengo"]
CMD ["serve"]

FROM debian:bookworm-slim AS worker
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 65532 --home-dir /data --shell /usr/sbin/nologin arengo
COPY --from=build /out/arengo /usr/local/bin/arengo
COPY --from=build --chown=65532:65532 /out/data /data
ENV ARENGO_DATA_DIR=/data ARENGO_LOG=json
USER 65532
ENTRYPOINT ["/usr/local/bin/arengo"]
CMD ["work"]
