package dev.workerfarm.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.error.RedisUnreachableException;
import dev.workerfarm.loop.Loop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As far as no Redis is needed: it connects on first use. */
class RedisConnectionTest {
    private static final RedisAddress NOWHERE = RedisAddress.parse("redis://127.0.0.1:1/");

    @ParameterizedTest
    @ValueSource(strings = {"PT0.001S", "PT600H", "PT2562047788015215H"})
    void anAnswerMayTakeAsLongAsYouLike(Duration timeout) {
        assertThatCode(() -> new RedisConnection(NOWHERE, timeout).close()).doesNotThrowAnyException();
    }

    @Test
    void aRedisThatIsTooOldForTheScriptsIsNamedSo() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Loop.daemon("redis-6", () -> answerAsRedis6(server)).start();
            var address = RedisAddress.parse("redis://127.0.0.1:" + server.getLocalPort());
            try (var state = RedisSharedState.open(address, "farm")) {
                assertThatThrownBy(() -> state.value("v").set(1))
                        .isInstanceOf(RedisUnreachableException.class)
                        .hasMessage("Redis at 127.0.0.1:" + server.getLocalPort()
                                + " is too old: the farm needs Redis 7.0 or newer");
            }
        }
    }

    /** What Redis 6.2 says to a script that begins with {@code #!lua}. */
    private static void answerAsRedis6(ServerSocket server) {
        try (var socket = server.accept();
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var answer = switch (line.toUpperCase(Locale.ROOT)) { // a command's name
                    case "EVALSHA" -> "-NOSCRIPT No matching script. Please use EVAL.";
                    case "EVAL" ->
                        "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'";
                    case "HELLO" -> "*2\r\n$5\r\nproto\r\n:2";
                    case "SETNAME" -> "+OK";
                    default -> null;
                };
                if (answer != null) {
                    socket.getOutputStream().write((answer + "\r\n").getBytes(UTF_8));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.000999S", "PT0S", "PT-2562047788015215H"})
    void anAnswerTakesAtLeastAMillisecond(Duration timeout) {
        assertThatThrownBy(() -> new RedisConnection(NOWHERE, timeout))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Redis has 1 ms or more to answer, not " + timeout);
    }
}
