# One image for workers and producers. Without arguments it runs a worker; a class name as its first argument runs that
# instead: docker run --rm workerfarm:0.1.0 dev.workerfarm.producer.ProducerCommand square 2

FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
# What Maven downloads stays in a cache of the builder's, whatever changes here, poms included; a layer of dependencies made
# from the poms alone would be thrown away with each of them. `local` is left out: no container needs an embedded broker.
# lib/ gets what others wrote, app/ our own jars: two layers, of which an edit changes the small one.
RUN --mount=type=cache,id=workerfarm-m2,target=/root/.m2/repository,sharing=locked \
    mvn -B -ntp -pl producer,worker -am package dependency:copy-dependencies \
        -Dmaven.test.skip=true -Djacoco.skip=true \
        -DincludeScope=runtime -DexcludeGroupIds=dev.workerfarm -DoutputDirectory=/build/lib \
 && mkdir app && cp common/target/*.jar producer/target/*.jar worker/target/*.jar app/

FROM eclipse-temurin:25-jre
LABEL org.opencontainers.image.title="workerfarm" \
      org.opencontainers.image.description="Worker and producer of a worker farm over RabbitMQ and Redis" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# A number of its own and no name: nothing here looks it up, and a mounted folder can be given to it (chown 10001).
RUN install -d -o 10001 -g 10001 /downloads && install -d /tasks
COPY --from=build /build/lib /workerfarm/lib
COPY --from=build /build/app /workerfarm/app
COPY LICENSE /workerfarm/
ENV FARM_PROCESSES=1 FARM_DOWNLOAD_DIR=/downloads FARM_TASKS=/tasks LANG=C.UTF-8
WORKDIR /workerfarm
USER 10001:10001
# Java itself is process 1: the worker's parent gets the signals. Its children size their heaps by themselves.
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:MaxRAMPercentage=50", "-cp", "/workerfarm/app/*:/workerfarm/lib/*"]
CMD ["dev.workerfarm.worker.WorkerCommand", "--health-file", "/tmp/workerfarm.healthy"]
