package dev.workerfarm.worker.jars;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.worker.jars.JarTasks.AlsoGreet;
import dev.workerfarm.worker.jars.JarTasks.AlsoSquare;
import dev.workerfarm.worker.jars.JarTasks.Dependency;
import dev.workerfarm.worker.jars.JarTasks.ErrorInInitialiser;
import dev.workerfarm.worker.jars.JarTasks.FailsInInitialiser;
import dev.workerfarm.worker.jars.JarTasks.Greet;
import dev.workerfarm.worker.jars.JarTasks.Look;
import dev.workerfarm.worker.jars.JarTasks.NeedsDependency;
import dev.workerfarm.worker.jars.JarTasks.OutOfMemoryInConstructor;
import dev.workerfarm.worker.jars.JarTasks.OverflowsInType;
import dev.workerfarm.worker.jars.JarTasks.People;
import dev.workerfarm.worker.jars.JarTasks.Person;
import dev.workerfarm.worker.jars.JarTasks.Raw;
import dev.workerfarm.worker.jars.JarTasks.SaysNothingInType;
import dev.workerfarm.worker.jars.JarTasks.SneaksInType;
import dev.workerfarm.worker.jars.JarTasks.ThrowsInConstructor;
import dev.workerfarm.worker.jars.JarTasks.ThrowsInType;
import dev.workerfarm.worker.jars.JarTasks.Uninitialisable;
import dev.workerfarm.worker.jars.JarTasks.Uninitialised;
import dev.workerfarm.worker.jars.JarTasks.WithoutType;
import dev.workerfarm.worker.run.NoContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments.ArgumentSet;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class TaskFolderTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(TaskFolder.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void readLog() {
        logger.setLevel(Level.INFO);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leaveLog() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private static TestJar greet() {
        return new TestJar().with(Greet.class, People.class, Person.class).naming(Greet.class);
    }

    private static TestJar raw(Class<?>... tasks) {
        return new TestJar().with(JarTasks.class, Raw.class).with(tasks).naming(tasks);
    }

    private List<Task<?, ?>> load() {
        return new TaskFolder(folder).load(Set.of(Square.TYPE.name()));
    }

    private List<String> names() {
        return load().stream().map(task -> task.type().name()).toList();
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /** As a worker calls it: bound from what came over the wire, and written as what goes back. */
    private static <A, R> String call(Task<A, R> task, Object... args) throws Exception {
        return Json.text(task.run(Arguments.bind(task.type(), List.of(args), Map.of()), new NoContext()));
    }

    @Test
    void bindsAndReturnsTheJarsOwnRecordsAlsoNestedOnes() throws Exception {
        greet().writeTo(folder.resolve("greet.jar"));

        var task = load().get(0);

        var loaded = task.type().argumentType();
        assertThat(loaded.getName()).isEqualTo(People.class.getName());
        assertThat((Object) loaded).isNotEqualTo(People.class);
        var people = List.of(Map.of("name", "Ada", "age", 36L));
        assertThat(call(task, people)).isEqualTo("{\"people\":[{\"name\":\"Ada\",\"age\":37}],\"greeting\":\"none\"}");
        assertThat(call(task, people, "hi")).endsWith("\"greeting\":\"hi\"}");
        assertThat(lines()).containsExactly("loaded jar=greet.jar tasks=[greet]");
    }

    @Test
    void showsAJarTheTaskInterfaceAndNothingElseOfTheFarm() throws Exception {
        raw(Look.class).writeTo(folder.resolve("look.jar"));

        var visible = List.of(
                "java.util.List",
                "java.sql.Connection",
                "dev.workerfarm.task.Task",
                "dev.workerfarm.shared.SharedState",
                "dev.workerfarm.error.FarmException",
                "org.slf4j.Logger",
                "org.jspecify.annotations.Nullable",
                Look.class.getName());
        var hidden = List.of(
                "com.fasterxml.jackson.databind.ObjectMapper",
                "okhttp3.OkHttpClient",
                "com.rabbitmq.client.Channel",
                "redis.clients.jedis.Jedis",
                "ch.qos.logback.classic.Logger",
                "dev.workerfarm.redis.RedisSharedState",
                "dev.workerfarm.json.Json",
                "dev.workerfarm.worker.config.WorkerSettings",
                Greet.class.getName());
        for (var name : hidden) {
            assertThat(Class.forName(name)).as("the farm has it").isNotNull();
        }
        var task = load().get(0);
        assertThat(call(task, visible.toArray())).isEqualTo(Json.text(visible));
        assertThat(call(task, hidden.toArray())).isEqualTo("[]");
        assertThat(Thread.currentThread().getContextClassLoader())
                .isSameAs(getClass().getClassLoader());
    }

    @Test
    void takesTheFarmsInterfaceWhereAJarHasACopyOfIt() throws Exception {
        greet().with(Task.class, Square.class).writeTo(folder.resolve("fat.jar"));

        assertThat(load()).singleElement().isInstanceOf(Task.class);
    }

    @Test
    void loadsTheJarsOfAFolderTogether() throws Exception {
        var together = Files.createDirectory(folder.resolve("together"));
        raw(NeedsDependency.class).writeTo(together.resolve("task.jar"));
        new TestJar().with(Dependency.class).writeTo(together.resolve("dependency.jar"));

        assertThat(call(load().get(0))).isEqualTo("\"dependency\"");
    }

    @Test
    void passesOverWhatIsNoJar() throws Exception {
        Files.writeString(folder.resolve("README"), "text");
        Files.writeString(folder.resolve(".hidden.jar"), "half a copy");
        Files.createDirectory(folder.resolve(".git"));

        assertThat(load()).isEmpty();
        assertThat(lines()).isEmpty();
    }

    @Test
    void aFailingClassInitialiserIsTheTasksFailure() {
        raw(FailsInInitialiser.class).with(Uninitialisable.class).writeTo(folder.resolve("fails.jar"));
        var task = load().get(0);

        assertThatThrownBy(() -> call(task)).isInstanceOf(ExceptionInInitializerError.class);
        assertThatThrownBy(() -> call(task)).isInstanceOf(NoClassDefFoundError.class);
    }

    static List<ArgumentSet> broken() {
        return List.of(
                set("no service file", new TestJar().with(Greet.class), "it names no task", "META-INF/services"),
                set("a class missing", new TestJar().naming(Greet.class), "Greet not found", "add the class"),
                set(
                        "a class that is no task",
                        new TestJar().with(Person.class).naming(Person.class),
                        "not a subtype",
                        "correct META-INF/services"),
                set(
                        "a constructor that throws",
                        raw(ThrowsInConstructor.class),
                        "IllegalStateException: no such service",
                        "mend its constructor"),
                set(
                        "an initialiser that throws",
                        raw(Uninitialised.class),
                        "NumberFormatException: For input string: \"no number\"",
                        "mend"),
                set(
                        "a newer Java",
                        raw(ThrowsInType.class).withFutureClass(ThrowsInType.class),
                        "compiled for a newer Java than this one, "
                                + Runtime.version().feature(),
                        "--release 17"),
                set(
                        "a dependency missing",
                        raw(NeedsDependency.class),
                        "needs the class dev.workerfarm.worker.jars.JarTasks$Dependency,",
                        "into the jar"),
                set(
                        "a superclass missing",
                        new TestJar().with(WithoutType.class).naming(WithoutType.class),
                        "needs the class dev.workerfarm.worker.jars.JarTasks$Raw,",
                        "into the jar"),
                set("a built-in name", raw(AlsoSquare.class), "'square' already, in the worker itself", "another"),
                set("another jar's name", raw(AlsoGreet.class), "'greet' already, in a-good.jar", "another name"),
                set("no type", raw(WithoutType.class), "WithoutType.type() returns null", "return"),
                set("a type that throws", raw(ThrowsInType.class), "UnsupportedOperationException: later", "mend"),
                set(
                        "a type without end",
                        raw(OverflowsInType.class),
                        "java.lang.StackOverflowError: mend",
                        "the task's class"),
                set(
                        "a checked exception",
                        raw(SneaksInType.class),
                        "java.io.IOException: a disk is full: mend",
                        "the task's class"),
                set(
                        "an error without words",
                        new TestJar()
                                .with(
                                        JarTasks.class,
                                        Raw.class,
                                        SaysNothingInType.class,
                                        SaysNothingInType.Wordless.class)
                                .naming(SaysNothingInType.class),
                        "SaysNothingInType$Wordless: mend",
                        "the task's class"),
                set("an error", raw(ErrorInInitialiser.class), "java.lang.Error: not on this machine", "mend"));
    }

    private static ArgumentSet set(String name, TestJar jar, String problem, String remedy) {
        return org.junit.jupiter.params.provider.Arguments.argumentSet(name, jar, problem, remedy);
    }

    @ParameterizedTest
    @MethodSource("broken")
    void leavesOutABrokenJarWithOneLineAndGoesOn(TestJar jar, String problem, String remedy) {
        greet().writeTo(folder.resolve("a-good.jar"));
        jar.writeTo(folder.resolve("broken.jar"));
        raw(Look.class).writeTo(folder.resolve("c-good.jar"));

        assertThat(names()).containsExactly("greet", "Look");
        assertThat(lines())
                .hasSize(3)
                .filteredOn(line -> line.contains("broken.jar"))
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("left out jar=broken.jar: ")
                        .contains(problem, remedy)
                        .doesNotContain("\n"));
    }

    @Test
    void doesNotHideThatMemoryHasRunOut() {
        raw(OutOfMemoryInConstructor.class).writeTo(folder.resolve("large.jar"));

        assertThatThrownBy(this::load).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void leavesOutWhatIsNoZipAndAnEmptyFolder() throws IOException {
        Files.writeString(folder.resolve("text.jar"), "not a zip");
        Files.createFile(folder.resolve("empty.jar"));
        Files.createDirectory(folder.resolve("folder"));
        greet().writeTo(folder.resolve("good.jar"));

        assertThat(names()).containsExactly("greet");
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("left out jar=empty.jar: ")
                                .contains("copy it again"),
                        line -> assertThat(line)
                                .startsWith("left out jar=folder: ")
                                .contains("holds no jar"),
                        line -> assertThat(line).startsWith("loaded jar=good.jar"),
                        line -> assertThat(line)
                                .startsWith("left out jar=text.jar: ")
                                .contains("copy it again"));
    }

    @Test
    void leavesOutAWholeJarForOneBadTask() {
        new TestJar()
                .with(JarTasks.class, Raw.class, Look.class, WithoutType.class)
                .naming(Look.class, WithoutType.class)
                .writeTo(folder.resolve("half.jar"));

        assertThat(load()).isEmpty();
        assertThat(lines()).singleElement().asString().startsWith("left out jar=half.jar: ");
    }

    @Test
    void isNoneWhereTheVariableIsUnsetAndWrongUsageWhereItNamesNoFolder() throws IOException {
        assertThat(TaskFolder.from(Map.of())).isNull();
        assertThat(TaskFolder.from(Map.of("FARM_TASKS", " "))).isNull();
        assertThat(TaskFolder.from(Map.of("FARM_TASKS", folder.toString()))).isEqualTo(new TaskFolder(folder));
        var file = Files.createFile(folder.resolve("file"));
        for (var wrong : List.of(folder.resolve("missing").toString(), file.toString(), "\0")) {
            assertThatThrownBy(() -> TaskFolder.from(Map.of("FARM_TASKS", wrong)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("FARM_TASKS");
        }
    }
}
