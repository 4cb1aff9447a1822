package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class LaunchTest {
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final String BOOT = "org.springframework.boot.loader.launch.JarLauncher";

    @TempDir
    private Path folder;

    @Test
    void aClassIsStartedWithTheClassPath() {
        var command = launch("com.example.Main one two", "a.jar:b.jar", "com.example.Main")
                .command(null);
        assertThat(command.program()).containsExactly("com.example.Main", "one", "two");
        assertThat(command.options()).startsWith("-cp");
        assertThat(launch("com.example.Main", "a.jar", "com.example.Main")
                        .command(null)
                        .program())
                .containsExactly("com.example.Main");
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.jar", "an app.jar", "app"})
    void aJarIsStartedByItsName(String name) throws IOException {
        var jar = jar(name, "com.example.Main");
        var command = launch(jar + " one", jar, "com.example.Main").command(null);
        assertThat(command.program()).containsExactly("-jar", jar, "one");
        assertThat(command.options()).isEmpty();
        assertThat(launch(jar, jar, "com.example.Main").command(null).program()).containsExactly("-jar", jar);
    }

    @Test
    void aJarOfSpringBootIsStartedByItsName() throws IOException {
        var jar = jar("boot.jar", BOOT, "Start-Class", "com.example.Main");
        assertThat(launch(jar + " one", jar, BOOT).command(null).program()).containsExactly("-jar", jar, "one");
    }

    @ParameterizedTest
    @CsvSource({
        "another thread, com.example.Main, java.lang.Thread",
        "a wrapper that starts the program on a thread, org.example.Wrapper com.example.Main, com.example.Main$1",
        "another class, com.example.Other, com.example.Main",
        "a module, mod/com.example.Main one, com.example.Main",
        "a source file, jdk.compiler/com.sun.tools.javac.launcher.Main Main.java,"
                + " com.sun.tools.javac.launcher.Main",
        "a JVM in another program, '', com.example.Main"
    })
    void asksForTheMainClassWhereItCannotFindItOut(String reason, String command, String entry) {
        var launch = launch(command, CLASS_PATH, entry);
        assertThatThrownBy(() -> launch.command(null))
                .as(reason)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(entry)
                .hasMessageContaining("main(X.class)")
                .hasMessageNotContaining(" one");
        assertThat(launch.command(LaunchTest.class).program()).startsWith(LaunchTest.class.getName());
    }

    @ParameterizedTest
    @CsvSource({"com.example.Other", ","})
    void asksForItWhereAJarSaysAnotherOrNone(@Nullable String main) throws IOException {
        var jar = jar("app.jar", main);
        assertThatThrownBy(() -> launch(jar, jar, "com.example.Main").command(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("main(X.class)");
    }

    @Test
    void aNamedMainClassIsStartedWithTheClassPathAndTheArguments() throws IOException {
        var jar = jar("app.jar", "com.example.Wrapper");
        for (var launch : List.of(
                launch(jar + " one", jar, "java.lang.Thread"), launch("com.example.Wrapper one", "a.jar", "other"))) {
            var command = launch.command(LaunchTest.class);
            assertThat(command.program()).containsExactly(LaunchTest.class.getName(), "one");
            assertThat(command.options()).startsWith("-cp");
        }
    }

    @Test
    void aNamedMainClassOfAnotherLoaderIsRefused() throws Exception {
        var classes = LaunchTest.class.getProtectionDomain().getCodeSource().getLocation();
        try (var loader = new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
            var main = loader.loadClass(StubChild.class.getName());
            assertThatThrownBy(() -> launch("x.Main", "a.jar", "x.Main").command(main))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(StubChild.class.getName() + " is not on the class path");
        }
    }

    @Test
    void argumentsWithBlanksAndEmptyOnesStayWhatTheyAre() {
        for (var arguments : List.of(
                List.of("a  b", "", "c"), List.of(""), List.of("", ""), List.of("x.Main", "x.Main a"), List.of(" "))) {
            var words = Stream.concat(Stream.of("java", "-cp", "a.jar", "x.Main"), arguments.stream())
                    .toList();
            var launch = new Launch("x.Main " + String.join(" ", arguments), "a.jar", "x.Main", words, List.of());
            assertThat(launch.command(null).program().stream().skip(1)).isEqualTo(arguments);
        }
    }

    @Test
    void theArgumentsOfMainAreTakenWhereTheCommandLineDoesNotHaveThem() {
        var command = System.getProperty("sun.java.command");
        try {
            System.setProperty("sun.java.command", "x.Main a b ");
            assertThat(Launch.ofThisJvm(List.of("a b", "")).words()).containsExactly("a b", "");
        } finally {
            System.setProperty("sun.java.command", command);
        }
    }

    @Test
    void withoutTheCommandLineArgumentsAreSplitAtBlanks() {
        var launch = new Launch("x.Main a b", "a.jar", "x.Main", List.of(), List.of());
        assertThat(launch.command(null).program()).containsExactly("x.Main", "a", "b");
    }

    @Test
    void optionsThatAProgramMayNeedReachItsProcessesAndThoseOfOneProcessDoNot() {
        var kept = List.of(
                "-Da=b c",
                "-Dlines=1\n2",
                "-Dempty",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-modules=java.sql",
                "--enable-preview",
                "--enable-native-access=ALL-UNNAMED",
                "-ea",
                "-ea:com.example...",
                "-da:com.example.Main",
                "-esa",
                "-disableassertions");
        var dropped = List.of(
                "-Xmx1g",
                "-Xms1g",
                "-Xss1m",
                "-XX:+UseZGC",
                "-XX:MaxRAMPercentage=50",
                "-XX:+HeapDumpOnOutOfMemoryError",
                "-Xlog:gc*",
                "-javaagent:a.jar=x",
                "-agentlib:jdwp=transport=dt_socket,server=y,address=5005",
                "-agentpath:/a.so",
                "-Xdebug",
                "-Xrunjdwp:transport=dt_socket",
                "-Dcom.sun.management.jmxremote.port=9010",
                "-Dcom.sun.management.jmxremote");
        List<String> all = new ArrayList<>(dropped);
        all.addAll(1, kept);
        var launch = new Launch("x.Main", CLASS_PATH, "x.Main", List.of(), all);

        assertThat(launch.command(null).options())
                .startsWith(kept.toArray(String[]::new))
                .hasSize(kept.size() + 2);
    }

    @Test
    void theJvmOfThisTestHasAllThatIsAskedFor() {
        var launch = Launch.ofThisJvm(List.of());
        assertThat(launch.command()).isEqualTo(System.getProperty("sun.java.command"));
        assertThat(launch.jvmOptions()).isNotEmpty();
        assertThat(launch.words().get(0)).endsWith("java");
        assertThat(launch.entryClass()).isNotEmpty().isNotEqualTo(LaunchTest.class.getName());
    }

    private static Launch launch(String command, String classPath, String entryClass) {
        return new Launch(command, classPath, entryClass, List.of(("java " + command).split(" ")), List.of());
    }

    /** A jar without classes; returns its path. */
    private String jar(String name, @Nullable String main, String... more) throws IOException {
        var manifest = new Manifest();
        var attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (main != null) {
            attributes.put(Attributes.Name.MAIN_CLASS, main);
        }
        for (int i = 0; i < more.length; i += 2) {
            attributes.putValue(more[i], more[i + 1]);
        }
        var file = folder.resolve(name);
        new JarOutputStream(Files.newOutputStream(file), manifest).close();
        return file.toString();
    }
}
