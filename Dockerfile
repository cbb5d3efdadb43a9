FROM node:24.21-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: the only one among our packages fetches a second Node, which an image that has one does not need.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

# Node 24 and what it needs: no shell, no package manager. Everything below is owned by root and only read.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="A self-hosted, Kubernetes-native access layer: one login for every app behind your ingress." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER 65532:65532
# Portal, check, ops.
EXPOSE 8080 8181 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nodejs/bin/node", "dist/main.js"]
