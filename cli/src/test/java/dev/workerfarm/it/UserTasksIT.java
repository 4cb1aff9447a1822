package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.cfg.PackageVersion;
import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.it.BrokenTasks.AlsoSquare;
import dev.workerfarm.it.BrokenTasks.FailsInInitialiser;
import dev.workerfarm.it.BrokenTasks.Uninitialisable;
import dev.workerfarm.it.JacksonTask.Beside;
import dev.workerfarm.it.JacksonTask.Entry;
import dev.workerfarm.it.JacksonTask.NothingToReadException;
import dev.workerfarm.it.JacksonTask.Read;
import dev.workerfarm.it.JacksonTask.Shaded;
import dev.workerfarm.it.JacksonTask.Text;
import dev.workerfarm.pool.Pool;
import dev.workerfarm.task.Square;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.TaskJar;
import dev.workerfarm.testkit.TestFarm;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user's own tasks in a worker process: the project in {@code examples/}, a jar and a folder with another Jackson than
 * ours, and jars with something wrong beside them.
 */
@Timeout(90)
class UserTasksIT {
    private static final Path USERS_JACKSON = Path.of("target", "users-jackson");

    @TempDir
    private static Path scratch;

    private static Path pictures;
    private static TestFarm farm;
    private static JavaProcess worker;
    private static Pool pool;

    @BeforeAll
    static void startWorker() throws Exception {
        pictures = Files.createDirectory(scratch.resolve("pictures"));
        var tasks = Files.createDirectory(scratch.resolve("tasks"));
        TaskJar.ofExamples(Files.createDirectory(scratch.resolve("classes"))).writeTo(tasks.resolve("examples.jar"));
        var jackson = usersJackson();
        assertThat(jackson).hasSize(3);
        task(Shaded.class).withContentsOf(jackson).naming(Shaded.class).writeTo(tasks.resolve("shaded.jar"));
        var beside = Files.createDirectory(tasks.resolve("beside"));
        task(Beside.class).naming(Beside.class).writeTo(beside.resolve("task.jar"));
        for (var jar : jackson) {
            Files.copy(jar, beside.resolve(jar.getFileName()));
        }
        new TaskJar()
                .with(FailsInInitialiser.class, Uninitialisable.class)
                .naming(FailsInInitialiser.class)
                .writeTo(tasks.resolve("fails.jar"));

        Files.writeString(tasks.resolve("broken-text.jar"), "not a jar");
        new TaskJar().with(FailsInInitialiser.class).writeTo(tasks.resolve("broken-unnamed.jar"));
        new TaskJar().naming(AlsoSquare.class).writeTo(tasks.resolve("broken-empty.jar"));
        new TaskJar().with(AlsoSquare.class).naming(AlsoSquare.class).writeTo(tasks.resolve("broken-square.jar"));
        task(Shaded.class).naming(Shaded.class).writeTo(tasks.resolve("z-broken-again.jar"));

        farm = TestFarm.onSharedServices(UserTasksIT.class);
        Map<String, String> environment = new HashMap<>(farm.environment());
        environment.put("FARM_DOWNLOAD_DIR", pictures.toString());
        worker = JavaProcess.start(
                environment,
                WorkerCommand.class,
                "--processes",
                "1",
                "--downloaders",
                "0",
                "--tasks",
                tasks.toString());
        pool = farm.connect();
    }

    @AfterAll
    static void stopWorker() {
        pool.close();
        worker.close();
        farm.close();
    }

    @Test
    void theExamplesThumbnailIsMadeBesideItsPicture() throws Exception {
        var picture = new BufferedImage(3_000, 2_000, BufferedImage.TYPE_INT_RGB);
        var graphics = picture.createGraphics();
        graphics.setColor(Color.RED);
        graphics.fillRect(0, 0, 1_500, 2_000);
        for (int x = 1_500; x < 3_000; x += 2) { // black and white lines, which are grey from afar
            graphics.setColor(Color.WHITE);
            graphics.fillRect(x, 0, 1, 2_000);
        }
        graphics.dispose();
        ImageIO.write(picture, "png", pictures.resolve("lines.png").toFile());

        var made = pool.task("thumbnail").apply("lines.png", 100);

        assertThat(made)
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("filename", "lines-100.png")
                .containsEntry("size", Map.of("width", 100L, "height", 67L))
                .containsEntry("sourceSize", Map.of("width", 3_000L, "height", 2_000L));
        var small = ImageIO.read(pictures.resolve("lines-100.png").toFile());
        assertThat(new Color(small.getRGB(20, 33))).isEqualTo(Color.RED);
        assertThat(new Color(small.getRGB(80, 33)).getGreen()).isBetween(100, 155);
    }

    @Test
    void theExamplesThumbnailOfAJpegIsOneAndKeepsToItsFolder() throws Exception {
        try (var image = Objects.requireNonNull(
                UserTasksIT.class.getResourceAsStream("/dev/workerfarm/cli/demo/images/image1.jpg"))) {
            Files.copy(image, pictures.resolve("image1.jpg"));
        }
        Files.writeString(scratch.resolve("secret.png"), "no picture");
        Files.writeString(pictures.resolve("text.png"), "no picture");
        Files.createSymbolicLink(pictures.resolve("link.png"), scratch.resolve("secret.png"));

        pool.task("thumbnail").apply("image1.jpg", 16, "small.jpg");

        assertThat(Files.readAllBytes(pictures.resolve("small.jpg"))).startsWith(0xff, 0xd8);
        for (var outside :
                List.of("../secret.png", scratch.resolve("secret.png").toString(), "..", "", ".hidden")) {
            assertThatThrownBy(() -> pool.task("thumbnail").apply(outside, 16))
                    .hasMessageContaining("not a plain file name");
            assertThatThrownBy(() -> pool.task("thumbnail").apply("image1.jpg", 16, outside))
                    .hasMessageContaining("not a plain file name");
        }
        assertThatThrownBy(() -> pool.task("thumbnail").apply("link.png", 16)).hasMessageContaining("no such file");
        assertThatThrownBy(() -> pool.task("thumbnail").apply("text.png", 16)).hasMessageContaining("no picture");
        assertThatThrownBy(() -> pool.task("thumbnail").apply("image1.jpg", 0)).hasMessageContaining("maxEdge");
        assertThat(files(pictures)).noneMatch(name -> name.endsWith(".part"));
    }

    @Test
    void theExamplesWordsAreCountedInASharedValue() {
        try (var shared = farm.shared()) {
            shared.value("total").set(0);

            var counts = pool.task("count_words")
                    .starmap(List.of(List.of("to be or not to be", "total"), List.of("that's all", "total")));

            assertThat(counts).isEqualTo(List.of(6L, 2L));
            assertThat(shared.value("total").get()).isEqualTo(8L);
            assertThat(pool.task("count_words").apply("one more")).isEqualTo(2L);
            assertThat(shared.value("words").get()).isEqualTo(2L);
            shared.value("total").delete();
            shared.value("words").delete();
        }
    }

    @Test
    void aJarsOwnJacksonOfAnotherVersionIsTheOneThatItsTaskSees() {
        for (var type : List.of(new Shaded().type(), new Beside().type())) {
            assertThat(pool.apply(type, "{\"a\": 1, \"b\": 2}"))
                    .isEqualTo(new Read("2.9.10", List.of(new Entry("a", 1), new Entry("b", 2))));
        }
        assertThat(PackageVersion.VERSION.toString()).as("ours").isNotEqualTo("2.9.10");
    }

    @Test
    void aJarsOwnExceptionReachesTheCallerAsData() {
        assertThatThrownBy(() -> pool.apply(new Shaded().type(), "{}"))
                .isInstanceOfSatisfying(TaskFailedException.class, failed -> {
                    assertThat(failed.type()).isEqualTo(NothingToReadException.class.getSimpleName());
                    assertThat(failed.text()).isEqualTo("nothing in {}");
                });
    }

    @Test
    void aClassThatCannotBeInitialisedIsAFailureAndTheWorkerGoesOn() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> pool.apply(new FailsInInitialiser().type()))
                    .isInstanceOf(TaskFailedException.class);
        }
        assertThat(pool.apply(Square.TYPE, 3)).isEqualTo(9L);
        assertThat(worker.errorLines()).noneMatch(line -> line.contains("died"));
    }

    @Test
    void eachBrokenJarGetsOneLineAndTheOthersGoOn() {
        await("a worker that consumes")
                .atMost(Duration.ofSeconds(30))
                .until(() -> pool.task("any").queue(farm.tasks()).workers() == 1);

        assertThat(worker.errorLines())
                .filteredOn(line -> line.contains(" TaskFolder "))
                .satisfiesExactly(
                        line -> assertThat(line).contains("loaded jar=beside tasks=[read_beside]"),
                        line -> assertThat(line).contains("left out jar=broken-empty.jar: ", "AlsoSquare not found"),
                        line -> assertThat(line)
                                .contains("left out jar=broken-square.jar: ", "a task 'square' already"),
                        line -> assertThat(line).contains("left out jar=broken-text.jar: ", "no jar that can be read"),
                        line -> assertThat(line).contains("left out jar=broken-unnamed.jar: ", "it names no task"),
                        line -> assertThat(line).contains("loaded jar=examples.jar tasks=[count_words, thumbnail]"),
                        line -> assertThat(line).contains("loaded jar=fails.jar"),
                        line -> assertThat(line).contains("loaded jar=shaded.jar tasks=[read_shaded]"),
                        line -> assertThat(line).contains("left out jar=z-broken-again.jar: ", "in shaded.jar"));
    }

    @Test
    void aFolderThatIsNotThereIsWrongUsage() throws Exception {
        try (var without = JavaProcess.start(
                farm.environment("FARM_TASKS", scratch.resolve("missing").toString()), WorkerCommand.class)) {
            assertThat(without.awaitExit(Duration.ofSeconds(20))).isEqualTo(2);
            assertThat(without.errorLines()).singleElement().asString().startsWith("farm worker: FARM_TASKS: ");
        }
    }

    private static TaskJar task(Class<? extends JacksonTask> task) {
        return new TaskJar()
                .with(JacksonTask.class, task, Text.class, Read.class, Entry.class, NothingToReadException.class);
    }

    /** The jars that the build copies from Maven Central: an old version, which is on no class path. */
    private static List<Path> usersJackson() throws IOException {
        try (var files = Files.list(USERS_JACKSON)) {
            return files.toList();
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
