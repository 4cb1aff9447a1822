# One image for workers and producers. Without arguments it runs a worker; a class name as its first argument runs that
# instead: docker run --rm workerfarm:0.1.0 dev.workerfarm.cli.ProducerCommand square 2

FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /build
COPY . .
# What Maven downloads stays in a cache of the builder's, whatever changes here, poms included; a layer of dependencies made
# from the poms alone would be thrown away with each of them. lib/ gets what others wrote, app/ our own jars: two layers,
# of which an edit changes the small one. train/ gets all that the embedded farm needs: no container has it in the end.
RUN --mount=type=cache,id=workerfarm-m2,target=/root/.m2/repository,sharing=locked \
    mvn -B -ntp package -Dmaven.test.skip=true -Djacoco.skip=true \
 && mkdir train app && cp cli/target/workerfarm-cli.jar cli/target/lib/*.jar cli/target/lib-local/*.jar train/ \
 && mv cli/target/workerfarm-cli.jar cli/target/lib/workerfarm-*.jar app/ && mv cli/target/lib lib

# A cache of loaded and linked classes (JEP 514), made by the very Java that will read it, in the folders where it will be
# read: it is bound to both. The class path is in a file, jar by jar: a `*` has another order on another machine.
FROM eclipse-temurin:25-jre AS archive
COPY --from=build /build/lib /workerfarm/lib
COPY --from=build /build/app /workerfarm/app
COPY --from=build /build/train /train
WORKDIR /workerfarm
RUN jars() { for jar in "$@"; do printf %s: "$jar"; done; } && export LC_ALL=C \
 && class_path=$(jars /workerfarm/app/*.jar /workerfarm/lib/*.jar) && class_path=${class_path%:} \
 && echo "-cp $class_path" >java.options && mkdir archives && cd archives \
 && { java -XX:+UseSerialGC -cp "/train/*" dev.workerfarm.cli.FarmCommand train \
        --child-options "-XX:AOTCacheOutput=child.aot -cp $class_path" >/tmp/train.log 2>&1 \
      || { cat /tmp/train.log; exit 1; } } \
 && chmod 644 child.aot \
# The worker's parent opens the jars that it needs and no others, and has an archive of just its classes and the JDK's that
# it uses: without a broker it loads them all too, and ends with 3.
 && cd /workerfarm \
 && parent_path=$(jars /workerfarm/app/workerfarm-cli.jar /workerfarm/app/workerfarm-worker-*.jar \
      /workerfarm/app/workerfarm-common-*.jar /workerfarm/app/workerfarm-api-*.jar \
      /workerfarm/lib/logback-*.jar /workerfarm/lib/picocli-*.jar /workerfarm/lib/slf4j-api-*.jar) && parent_path=${parent_path%:} \
 && echo "-XX:CompileThresholdScaling=10 -Xmn1m -Xmx32m -Dfarm.class.path=$class_path -cp $parent_path" >parent.options \
 && { FARM_AMQP_URL=amqp://127.0.0.1:1/ FARM_DOWNLOAD_DIR=/tmp FARM_PROCESSES=1 FARM_DOWNLOADERS=0 \
        java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:DumpLoadedClassList=/tmp/parent.classes @parent.options \
        dev.workerfarm.cli.WorkerCommand >/tmp/train.log 2>&1 || [ "$?" = 3 ] || { cat /tmp/train.log; exit 1; } } \
 && java -XX:+UseSerialGC -Xshare:dump -XX:SharedClassListFile=/tmp/parent.classes \
        -XX:SharedArchiveFile=archives/parent.jsa @parent.options >/tmp/train.log 2>&1 && chmod 644 archives/parent.jsa \
 && printf '%s\n' -XX:SharedArchiveFile=/workerfarm/archives/parent.jsa -XX:+UnlockDiagnosticVMOptions \
        -XX:ArchiveRelocationMode=0 '-Xlog:aot*=off' '-Xlog:cds*=off' >>parent.options

FROM eclipse-temurin:25-jre
LABEL org.opencontainers.image.title="workerfarm" \
      org.opencontainers.image.description="Worker and producer of a worker farm over RabbitMQ and Redis" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# A number of its own and no name: nothing here looks it up, and a mounted folder can be given to it (chown 10001).
RUN install -d -o 10001 -g 10001 /downloads && install -d /tasks
COPY --from=build /build/lib /workerfarm/lib
COPY --from=build /build/app /workerfarm/app
COPY --from=archive /workerfarm/archives /workerfarm/archives
COPY --from=archive /workerfarm/*.options /workerfarm/
COPY LICENSE /workerfarm/
ENV FARM_PROCESSES=1 FARM_DOWNLOAD_DIR=/downloads FARM_TASKS=/tasks LANG=C.UTF-8
WORKDIR /workerfarm
USER 10001:10001
# Java itself is process 1: the worker's parent gets the signals. Its children size their heaps by themselves, and start
# from the cache. Of two class paths Java takes the last: the parent's own small one here, all jars for whatever else is run.
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms4m", "-XX:MaxRAMPercentage=50", \
    "-Dfarm.archives=/workerfarm/archives", "@/workerfarm/java.options"]
CMD ["@/workerfarm/parent.options", "dev.workerfarm.cli.WorkerCommand", "--health-file", "/tmp/workerfarm.healthy"]
