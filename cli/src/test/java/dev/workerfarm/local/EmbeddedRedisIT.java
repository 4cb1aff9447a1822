package dev.workerfarm.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workerfarm.error.RedisUnreachableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

@Timeout(60)
class EmbeddedRedisIT {
    @TempDir
    private Path folder;

    @Test
    void answersWithItsPasswordOnlyAndIsGoneAfterClose() {
        long pid;
        try (var redis = EmbeddedRedis.start()) {
            pid = redis.pid();
            try (var client = new Jedis(redis.url())) {
                assertThat(client.incr("n")).isEqualTo(1);
                assertThat(client.configGet("save")).containsEntry("save", "");
                assertThat(client.configGet("appendonly")).containsEntry("appendonly", "no");
                assertThat(client.configGet("bind")).containsEntry("bind", "127.0.0.1");
            }
            try (var stranger = new Jedis("127.0.0.1", URI.create(redis.url()).getPort())) {
                assertThatThrownBy(stranger::ping)
                        .isInstanceOf(JedisDataException.class)
                        .hasMessageContaining("NOAUTH");
            }
        }
        assertThat(isRunning(pid)).isFalse();
    }

    @Test
    void runsScriptsAndFunctions() {
        try (var redis = EmbeddedRedis.start();
                var client = new Jedis(redis.url())) {
            assertThat(client.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", List.of("k"), List.of("5")))
                    .isEqualTo(5L);
            client.functionLoad("#!lua name=lib\nredis.register_function('f', function() return 7 end)");
            assertThat(client.fcall("f", List.of(), List.of())).isEqualTo(7L);
        }
    }

    @Test
    void takesAnotherPortWhenTheFirstIsTaken() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int freePort = EmbeddedRedis.freePort();
            var asked = new AtomicInteger();
            try (var redis = EmbeddedRedis.start(
                    RedisBinary.ofThisMachine(System.getenv()),
                    () -> asked.getAndIncrement() == 0 ? taken.getLocalPort() : freePort)) {
                assertThat(URI.create(redis.url()).getPort()).isEqualTo(freePort);
                assertThat(asked).hasValue(2);
            }
        }
    }

    @Test
    void saysWhatTheServerSaidWhenItDoesNotStart() throws IOException {
        var broken = Files.writeString(
                folder.resolve("redis-server"),
                "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\necho 'no memory left'\nexit 3\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        var binary = new RedisBinary("plan9-mips", folder, folder, folder.toString());
        assertThatThrownBy(() -> EmbeddedRedis.start(binary, () -> 1))
                .isInstanceOf(RedisUnreachableException.class)
                .hasMessageContaining("no memory left");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void keepsItsPasswordOutOfEveryCommandLineAndEnvironment() throws IOException {
        try (var redis = EmbeddedRedis.start()) {
            var password = URI.create(redis.url()).getUserInfo().substring(1);
            var seen = 0;
            for (var process : ProcessHandle.allProcesses().toList()) {
                for (var file : List.of("cmdline", "environ")) {
                    var content = read(Path.of("/proc", String.valueOf(process.pid()), file));
                    assertThat(content).as("%s of %s", file, process.info()).doesNotContain(password);
                    seen += content.contains("redis-server") ? 1 : 0;
                }
            }
            assertThat(seen).as("the check has seen Redis and its wrapper").isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void isGoneAfterItsJvmWasKilled() throws Exception {
        var child = child(List.of());
        long redis = redisPid(child.inputReader(StandardCharsets.UTF_8));
        assertThat(isRunning(redis)).isTrue();
        child.destroyForcibly();
        await().until(() -> !isRunning(redis));
    }

    @Test
    void isGoneAfterItsJvmExited() throws Exception {
        var child = child(List.of(), "exit");
        long redis = redisPid(child.inputReader(StandardCharsets.UTF_8));
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        await().until(() -> !isRunning(redis));
    }

    /** What a Ctrl-C in a terminal does: SIGINT to the JVM and everything in its process group. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void isStillThereWhileItsJvmStopsAfterCtrlC() throws Exception {
        // Whoever runs the tests in the background may have SIGINT ignored, which a JVM inherits.
        var child = child(List.of("env", "--default-signal=INT", "setsid"));
        var output = child.inputReader(StandardCharsets.UTF_8);
        long redis = redisPid(output);
        signalGroup("INT", child.pid());
        assertThat(output.readLine()).isEqualTo("in the hook: PONG");
        await().until(() -> !isRunning(redis));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isGoneAfterTheWholeProcessGroupWasKilled() throws Exception {
        var child = child(List.of("setsid"));
        long redis = redisPid(child.inputReader(StandardCharsets.UTF_8));
        signalGroup("KILL", child.pid());
        await().until(() -> !isRunning(redis));
    }

    @Test
    void manyStartAndStopAtTheSameTime() {
        var pids = java.util.stream.IntStream.range(0, 4)
                .parallel()
                .mapToLong(i -> {
                    try (var redis = EmbeddedRedis.start();
                            var client = new Jedis(redis.url())) {
                        client.ping();
                        return redis.pid();
                    }
                })
                .boxed()
                .toList();
        assertThat(pids).doesNotHaveDuplicates().noneMatch(EmbeddedRedisIT::isRunning);
    }

    private static Process child(List<String> prefix, String... args) throws IOException {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EmbeddedRedisChild.class.getName()));
        command.addAll(List.of(args));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(Map.of("FARM_LOG_LEVEL", "WARN"));
        return builder.start();
    }

    private static long redisPid(BufferedReader output) throws IOException {
        var line = output.readLine();
        assertThat(line).matches("\\d+ redis://:[0-9a-f]+@127\\.0\\.0\\.1:\\d+/0");
        return Long.parseLong(line.substring(0, line.indexOf(' ')));
    }

    private static void signalGroup(String signal, long pid) throws Exception {
        var kill = new ProcessBuilder("kill", "-s", signal, "--", "-" + pid)
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // ended meanwhile, or not ours to read
        }
    }
}
