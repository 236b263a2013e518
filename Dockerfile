# syntax=docker/dockerfile:1

FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY scripts/build-daemon.ts scripts/build-page.ts scripts/source-hash.ts ./scripts/
RUN npm run build
RUN npm prune --omit=dev

FROM node:26-slim
ENV NODE_ENV=production
LABEL org.opencontainers.image.title="Ringback" \
      org.opencontainers.image.description="Delivery monitoring, rescue and alerting for Vobiz callbacks" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
# The root file system may be read-only: everything that is written goes to /data.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
WORKDIR /data
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "/app/bin/ringback.js", "healthcheck"]
ENTRYPOINT ["node", "/app/bin/ringback.js"]
CMD ["serve", "--config", "/etc/ringback/ringback.yaml"]
