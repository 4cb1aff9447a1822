package dev.workerfarm.it;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.lab.node.Ports;
import dev.workerfarm.testkit.Proof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher {@code ./farm} with its class archives, in a copy of the built project; each test goes on from the last. */
@Proof
@Timeout(180)
@TestMethodOrder(OrderAnnotation.class)
class ClassArchiveIT {
    private static final String PREPARING = "farm: preparing class archives";

    @TempDir
    private static Path scratch;

    private static Path home;

    @BeforeAll
    static void copyWhatWasBuilt() throws IOException {
        home = scratch.resolve("home");
        copy(Path.of("..", "farm"), home.resolve("farm"));
        var target = Path.of("target");
        copy(target.resolve("workerfarm-cli.jar"), home.resolve("cli/target/workerfarm-cli.jar"));
        for (var folder : List.of("lib", "lib-local")) {
            try (var jars = Files.list(target.resolve(folder))) {
                for (var jar :
                        jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    copy(jar, home.resolve("cli/target").resolve(folder).resolve(jar.getFileName()));
                }
            }
        }
    }

    @Test
    @Order(1)
    void theFirstStartMakesArchivesAndEachStartsFromThem() throws Exception {
        assertThat(up())
                .anyMatch(line -> line.startsWith(PREPARING))
                .noneMatch(line -> line.contains("going on without"));
        assertThat(Files.readAllLines(classes()))
                .anyMatch(line -> line.contains("dev.workerfarm.worker.lane.LaneWorker source: shared objects file"));

        assertThat(up()).noneMatch(line -> line.startsWith(PREPARING));
    }

    /**
     * Which also shows that its few jars are all that it needs until it is told that there is no broker, and that the
     * folder it is started in is none of them.
     */
    @Test
    @Order(2)
    void theParentOfWorkersStartsFromAnArchiveOfItsOwn() throws Exception {
        var error = Files.createTempFile(scratch, "worker", ".err");
        var builder = farm(error, "worker");
        builder.environment().put("FARM_AMQP_URL", "amqp://127.0.0.1:" + Ports.free() + "/");
        builder.environment().put("FARM_DOWNLOAD_ALLOW", "b\u00fccher.example,*.Example.com,10.0.0.0/8");
        builder.environment().put("FARM_METRICS_PORT", String.valueOf(Ports.free()));
        var elsewhere = Files.createDirectories(scratch.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("logback.xml"), "<configuration/>");
        builder.directory(elsewhere.toFile());
        builder.environment().put("JDK_JAVA_OPTIONS", "-Xlog:class+load:file=" + scratch.resolve("worker-%p.txt"));

        assertThat(builder.start().waitFor()).isEqualTo(3);

        assertThat(Files.readAllLines(error))
                .filteredOn(line -> !line.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS"))
                .singleElement(STRING)
                .contains("is not reachable");
        try (var files = Files.list(scratch)) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("worker-")))
                    .anySatisfy(file -> assertThat(Files.readAllLines(file))
                            .anyMatch(line -> line.contains(
                                    "dev.workerfarm.worker.parent.WorkerParent source: shared objects file"))
                            .noneMatch(line -> line.contains("JoranConfigurator")));
        }
    }

    @Test
    @Order(3)
    void corruptArchivesAreHarmlessAndSilent() throws Exception {
        for (var archive : archives()) {
            Files.delete(archive);
            Files.writeString(archive, "no archive ".repeat(10_000));
        }

        assertThat(up()).allMatch(line -> line.startsWith("farm up: "));
        assertThat(Files.readAllLines(classes()))
                .anyMatch(line -> line.contains("dev.workerfarm.worker.lane.LaneWorker source: file:"));
    }

    @Test
    @Order(4)
    void archivesOfOlderJarsAreMadeAnew() throws Exception {
        var jar = home.resolve("cli/target/lib/" + requireNonNull(commonJar()));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(1)));

        assertThat(up())
                .anyMatch(line -> line.startsWith(PREPARING))
                .noneMatch(line -> line.contains("going on without"));
        assertThat(Files.readAllLines(classes()))
                .anyMatch(line -> line.contains("dev.workerfarm.worker.lane.LaneWorker source: shared objects file"));
    }

    /** Runs {@code ./farm up} with one worker until it is ready, then stops it. */
    private static List<String> up() throws IOException, InterruptedException {
        var error = Files.createTempFile(scratch, "up", ".err");
        var builder = farm(error, "up", "--workers", "1");
        builder.environment().put("FARM_JAVA_OPTIONS", "-Xlog:class+load:file=" + classes());
        Files.deleteIfExists(classes());
        var farm = builder.start();
        try {
            await("a farm that is up")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> !farm.isAlive() || (Files.exists(home.resolve(".farm/env")) && hasWorker()));
            farm.toHandle().destroy();
            assertThat(farm.waitFor(30, TimeUnit.SECONDS)).isTrue();
            var lines = Files.readAllLines(error, StandardCharsets.UTF_8);
            assertThat(farm.exitValue()).as(String.join("\n", lines)).isZero();
            return lines;
        } finally {
            farm.descendants().forEach(ProcessHandle::destroyForcibly);
            farm.destroyForcibly();
        }
    }

    /** Whether the child process has come to its lane: the farm may be told of before that. */
    private static boolean hasWorker() throws IOException {
        return Files.exists(classes())
                && Files.readAllLines(classes()).stream()
                        .anyMatch(line -> line.contains("dev.workerfarm.worker.lane.LaneWorker source"));
    }

    /** {@code ./farm}, with none of our own variables. */
    private static ProcessBuilder farm(Path error, String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("farm").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(error.toFile());
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("FARM_"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("FARM_DOWNLOADERS", "0");
        environment.put("FARM_DOWNLOAD_DIR", scratch.resolve("downloads").toString());
        environment.put("FARM_LOG_LEVEL", "WARN");
        return builder;
    }

    private static Path classes() {
        return scratch.resolve("classes.txt");
    }

    private static List<Path> archives() throws IOException {
        try (var files = Files.walk(home.resolve("cli/target/archives"))) {
            return files.filter(file -> file.toString().matches(".*\\.(aot|jsa)"))
                    .toList();
        }
    }

    private static String commonJar() throws IOException {
        try (var jars = Files.list(home.resolve("cli/target/lib"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.startsWith("workerfarm-common"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
}
