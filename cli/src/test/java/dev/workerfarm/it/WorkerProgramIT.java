package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import dev.workerfarm.testkit.Greeter;
import dev.workerfarm.testkit.Greeter.Greet;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.Noted;
import dev.workerfarm.testkit.TaskJar;
import dev.workerfarm.testkit.TestFarm;
import dev.workerfarm.worker.Worker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program that is the worker, in each way to start one: its processes are the same program. */
@Timeout(120)
class WorkerProgramIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Path BOOT_LOADER = Path.of("target", "spring-boot-loader");
    private static final List<String> JAVA_OPTIONS = List.of("-Xmx128m", "-Dgreeter.end=!");
    /** The greeting has two blanks, which a command that is put together from words would lose. */
    private static final String[] ARGUMENTS = {"Good  day", "--processes=2", "--downloaders", "0"};

    private static TestFarm farm;
    private static Pool pool;

    @TempDir
    private Path folder;

    @BeforeAll
    static void connect() {
        farm = TestFarm.onSharedServices(WorkerProgramIT.class);
        pool = farm.connect();
    }

    @AfterAll
    static void removeFarm() {
        pool.close();
        farm.close();
    }

    @Test
    void aClassIsStartedByClassPath() throws Exception {
        try (var program = JavaProcess.start(farm.environment(), JAVA_OPTIONS, Greeter.class, ARGUMENTS)) {
            greetsThroughADeathAndStops(program);
        }
    }

    @Test
    void aJarIsStartedByItsName() throws Exception {
        var jar = folder.resolve("the greeter.jar");
        var libraries =
                libraries().stream().map(library -> library.toUri().toString()).collect(Collectors.joining(" "));
        program()
                .saying(Map.of("Main-Class", Greeter.class.getName(), "Class-Path", libraries))
                .writeTo(jar);
        var tasks = Files.createDirectory(folder.resolve("tasks"));
        new TaskJar()
                .with(Noted.class, Noted.Arguments.class)
                .naming(Noted.class)
                .writeTo(tasks.resolve("noted.jar"));
        var environment = farm.environment("FARM_TASKS", tasks.toString());
        try (var program = JavaProcess.startJar(environment, JAVA_OPTIONS, jar, ARGUMENTS)) {
            var note = folder.resolve("note").toString();
            assertThat(pool.applyAsync(Noted.TYPE, note, 7, 0).get(SOON))
                    .as("of a jar of tasks")
                    .isEqualTo(7L);
            greetsThroughADeathAndStops(program);
        }
    }

    @Test
    void aJarOfSpringBootWithItsLibrariesInItIsStartedByItsName() throws Exception {
        List<Path> loader;
        try (var files = Files.list(BOOT_LOADER)) {
            loader = files.toList();
        }
        var jar = folder.resolve("boot.jar");
        new TaskJar()
                .withContentsOf(loader)
                .withContentsOf(program(), "BOOT-INF/classes/")
                .withJars(libraries(), "BOOT-INF/lib/")
                .saying(Map.of(
                        "Main-Class",
                        "org.springframework.boot.loader.launch.JarLauncher",
                        "Start-Class",
                        Greeter.class.getName(),
                        "Spring-Boot-Classes",
                        "BOOT-INF/classes/",
                        "Spring-Boot-Lib",
                        "BOOT-INF/lib/"))
                .writeTo(jar);
        try (var program = JavaProcess.startJar(farm.environment(), JAVA_OPTIONS, jar, ARGUMENTS)) {
            greetsThroughADeathAndStops(program);
        }
    }

    @Test
    void anUnreachableBrokerIsOneLineAndExitCodeThree() throws Exception {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var environment = farm.environment("FARM_AMQP_URL", "amqp://guest:secret@127.0.0.1:" + port + "/");
        try (var program = JavaProcess.start(environment, Greeter.class, ARGUMENTS)) {
            assertThat(program.awaitExit(SOON)).isEqualTo(3);
            assertThat(program.errorLines())
                    .singleElement(STRING)
                    .startsWith(Greeter.class.getName() + ": ")
                    .contains("127.0.0.1:" + port)
                    .doesNotContain("secret");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--lane 3, there is no flag '--lane'; see --help",
        "--processes many, --processes: 'many' is no whole number",
        "--tasks /there/is/none, --tasks: /there/is/none is no folder"
    })
    void wrongUsageIsOneLineAndExitCodeTwo(String line, String answer) throws Exception {
        try (var program = JavaProcess.start(farm.environment(), Greeter.class, ("Hello " + line).split(" "))) {
            assertThat(program.awaitExit(SOON)).isEqualTo(2);
            assertThat(program.errorLines()).singleElement(STRING).startsWith(Greeter.class.getName() + ": " + answer);
        }
    }

    @Test
    void aTaskOnAQueueOfItsOwnHasAProcessUnasked() throws Exception {
        try (var program = JavaProcess.start(
                farm.environment(), JAVA_OPTIONS, OnAnotherQueue.class, "--processes", "0", "--downloaders", "1")) {
            assertThat(pool.applyAsync(OnAnotherQueue.TYPE, "Ann").get(SOON)).isEqualTo("reports-1 for Ann");
            assertThat(program.errorLines()).noneMatch(line -> line.contains("does not consume"));
        } finally {
            farm.onBroker(channel -> channel.queueDelete(farm.names().of(OnAnotherQueue.TYPE.queue())));
        }
    }

    /** Has a task that its CPU processes do not take. */
    static final class OnAnotherQueue {
        static final TaskType<Greet, String> TYPE =
                TaskType.of("test.report", Greet.class, String.class).on(TaskQueue.named("reports", 1));

        private OnAnotherQueue() {}

        public static void main(String[] args) {
            Worker.builder()
                    .task(TYPE, (greet, context) -> System.getProperty("farm.process") + " for " + greet.name())
                    .run(args);
        }
    }

    @Test
    void aProgramThatRunsTheWorkerOnAnotherThreadIsAskedForItsMainClass() throws Exception {
        try (var program = JavaProcess.start(farm.environment(), OnAnotherThread.class)) {
            assertThat(program.awaitExit(SOON)).isEqualTo(2);
            assertThat(program.errorLines())
                    .singleElement(STRING)
                    .contains(OnAnotherThread.class.getName(), Thread.class.getName(), "main(X.class)");
        }
    }

    /** Its main thread ends, and another runs the worker. */
    static final class OnAnotherThread {
        private OnAnotherThread() {}

        public static void main(String[] args) {
            new Thread(() -> Worker.builder().run(args)).start();
        }
    }

    private static void greetsThroughADeathAndStops(JavaProcess program) throws Exception {
        awaitTwoConsumers(program);
        assertThat(greeting("Ann")).isEqualTo("Good  day Ann!");
        var first = program.descendants();
        assertThat(first).hasSize(2);

        first.get(0).destroyForcibly();
        await("the killed process is replaced")
                .atMost(SOON)
                .until(() -> program.descendants().size() == 2
                        && !program.descendants().contains(first.get(0)));
        awaitTwoConsumers(program);

        assertThat(greeting("Bob")).isEqualTo("Good  day Bob!");
        assertThat(pool.applyAsync(Square.TYPE, 3).get(SOON)).isEqualTo(9L);
        var second = program.descendants();
        program.terminate();
        assertThat(program.awaitExit(SOON)).as("%s", program.errorLines()).isZero();
        assertThat(second).hasSize(2).noneMatch(ProcessHandle::isAlive);
        assertThat(program.descendants()).isEmpty();
    }

    private static String greeting(String name) {
        return pool.applyAsync(Greet.TYPE, name).get(SOON);
    }

    private static void awaitTwoConsumers(JavaProcess program) {
        await("two processes that consume")
                .atMost(SOON)
                .untilAsserted(() ->
                        assertThat(consumers()).as("%s", program.errorLines()).isEqualTo(2));
    }

    private static long consumers() throws Exception {
        try {
            return farm.onBroker(channel -> channel.consumerCount(farm.tasks()));
        } catch (IOException e) { // nobody has declared the queue yet
            return 0;
        }
    }

    private static TaskJar program() {
        return new TaskJar().with(Greeter.class, Greet.class);
    }

    /** What the build packs for the image: the farm's jars and those that they need. */
    private static List<Path> libraries() throws IOException {
        List<Path> jars = new ArrayList<>(List.of(Path.of("target", "workerfarm-cli.jar")));
        try (var files = Files.list(Path.of("target", "lib"))) {
            files.forEach(jars::add);
        }
        return jars;
    }
}
