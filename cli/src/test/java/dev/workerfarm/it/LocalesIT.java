package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.cli.FarmCommand;
import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.cli.WorkerCommand;
import dev.workerfarm.testkit.JavaProcess;
import dev.workerfarm.testkit.LocaleFarms;
import dev.workerfarm.testkit.Printing;
import dev.workerfarm.testkit.Proof;
import dev.workerfarm.testkit.TestFarm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The farm under other languages' rules, and in environments whose text is not UTF-8. */
@Timeout(180)
class LocalesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    @TempDir
    private Path folder;

    /** Of all locales with the same rules one; the root's rules are those of every other test. */
    private static List<String> kinds() {
        var kinds = new TreeMap<String, String>();
        kinds.put(rules(Locale.ROOT), "");
        Arrays.stream(Locale.getAvailableLocales())
                .filter(locale -> Locale.forLanguageTag(locale.toLanguageTag()).equals(locale))
                .forEach(locale -> kinds.putIfAbsent(rules(locale), locale.toLanguageTag()));
        return kinds.values().stream().filter(tag -> !tag.isEmpty()).toList();
    }

    private static String rules(Locale locale) {
        return LETTERS.toLowerCase(locale)
                + LETTERS.toUpperCase(locale)
                + String.format(locale, "%d %,d %.1f", -1_234_567_890L, 1_234, 0.5);
    }

    @Test
    void whereTheLowerCaseAndTheDigitsAreOthersTheDemoRuns() throws Exception {
        var turkish =
                List.of("-Xmx256m", "-Duser.language=tr", "-Duser.language.format=ar", "-Duser.country.format=EG");
        try (var demo = JavaProcess.start(
                Map.of("JAVA_TOOL_OPTIONS", String.join(" ", turkish)),
                turkish,
                FarmCommand.class,
                "demo",
                "--workers",
                "1")) {
            assertThat(demo.awaitExit(SOON)).as("%s", demo.errorLines()).isZero();
        }
    }

    @Test
    @Proof
    void underTheRulesOfEachLocaleAFarmWorks() throws Exception {
        var kinds = kinds();
        assertThat(kinds).anyMatch(tag -> tag.matches("(tr|az).*")).hasSizeGreaterThan(5);
        try (var farms = JavaProcess.start(Map.of(), LocaleFarms.class, kinds.toArray(String[]::new))) {
            assertThat(farms.awaitExit(Duration.ofSeconds(150)))
                    .as("%s", farms.errorLines())
                    .isZero();
            assertThat(farms.outputLines())
                    .containsExactlyElementsOf(
                            kinds.stream().map(tag -> tag + " 328350 42").toList());
        }
    }

    /** With a Java of its own, which says what it was given. */
    @ParameterizedTest
    @CsvSource({
        "LC_ALL, C, C.UTF-8",
        "LC_ALL, POSIX, C.UTF-8",
        "LC_ALL, C.UTF-8, C.UTF-8",
        "LC_CTYPE, C, C.UTF-8",
        "LANG, C, C.UTF-8",
        "LANG, xx_XX.ISO-8859-1, C.UTF-8",
        "LANG, C.UTF-8, ''"
    })
    void theLauncherMakesTextUtf8(String variable, String value, String given) throws Exception {
        var home = Files.createDirectories(folder.resolve("home"));
        var farm = Files.copy(Path.of("..", "farm"), home.resolve("farm"), StandardCopyOption.COPY_ATTRIBUTES);
        var java =
                Files.createDirectories(folder.resolve("java").resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nfor last; do :; done\necho \"$last=$LC_ALL\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        var builder = new ProcessBuilder(farm.toString(), "producer", "square");
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        builder.environment().put("JAVA_HOME", folder.resolve("java").toString());
        builder.environment().put(variable, value);

        var process = builder.start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("square=" + given + "\n");
    }

    @Test
    void withoutTheLauncherAnArgumentThatJavaCannotReadIsRefusedAndAReadableOneIsPrinted() throws Exception {
        try (var farm = TestFarm.onSharedServices(LocalesIT.class);
                var workers = farm.startWorkers(1, 0)) {
            assertThat(workers.pids()).hasSize(1);
            // JSON on standard output is ASCII, as Python's is.
            assertThat(echo(farm, "C.UTF-8")).singleElement().asString().contains("b\\u00FCcher \\u65E5\\u672C");
            assertThat(echo(farm, "C")).containsExactly("2");
        }
    }

    /** What it prints; where that is nothing, its exit code. */
    private static List<String> echo(TestFarm farm, String locale) throws Exception {
        var environment = farm.environment("LC_ALL", locale);
        // By a shell, as this JVM may have a locale that has no such characters.
        environment.put("WORD", "b\\303\\274cher \\346\\227\\245\\346\\234\\254");
        var command = List.of(
                "sh",
                "-c",
                "exec \"$0\" -cp \"$1\" \"$2\" run echo \"$(printf \"$WORD\")\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"),
                ProducerCommand.class.getName());
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        var process = builder.start();
        var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        var exit = process.waitFor();
        return lines.isEmpty() ? List.of(String.valueOf(exit)) : lines;
    }

    @Test
    void theProcessesOfAWorkerHaveUtf8WhereTheirParentHasNot() throws Exception {
        try (var farm = TestFarm.onSharedServices(LocalesIT.class);
                var pool = farm.connect();
                var worker = JavaProcess.start(
                        farm.environment("LC_ALL", "C"),
                        WorkerCommand.class,
                        "--processes",
                        "1",
                        "--downloaders",
                        "0")) {
            pool.applyAsync(Printing.TYPE, "shell", "echo LC_ALL=$LC_ALL").get(SOON);
            pool.applyAsync(Printing.TYPE, "out", "b\u00fccher \u65e5\u672c").get(SOON);

            await("the printed lines")
                    .atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(worker.errorLines()).contains("LC_ALL=C.UTF-8", "b\u00fccher \u65e5\u672c"));
        }
    }
}
