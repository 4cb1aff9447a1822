package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.cli.ProducerCommand;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.redis.RedisSharedState;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.testkit.Services;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code producer value} and {@code producer array}, whole, on a real Redis and with no broker. */
class SharedCliIT {
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "FARM_AMQP_URL",
            "amqp://127.0.0.1:1/",
            "FARM_REDIS_URL",
            Services.shared().redisUrl(),
            "FARM_NAMESPACE",
            "shared-cli-it");

    private record Run(int code, String out, String err) {}

    @BeforeEach
    void removeWhatWasThere() {
        run("value v rm");
        run("array a rm");
    }

    @Test
    void countsInAValue() {
        assertThat(run("value v")).isEqualTo(ok("0\n"));
        assertThat(run("value v set 5")).isEqualTo(ok("5\n"));
        assertThat(run("value v add -2 --quiet")).isEqualTo(ok("3\n"));
        assertThat(run("value v get --json")).isEqualTo(ok("3\n"));
        assertRefused("value v add 9223372036854775807", "overflows 64 bits; nothing was changed");
        assertRefused("value v add 0.5", "so it is of type i and takes whole numbers, not 0.5");
        assertThat(run("value v get")).isEqualTo(ok("3\n"));
    }

    @Test
    void keepsADoubleADouble() {
        assertThat(run("value v set 1 --type d")).isEqualTo(ok("1.0\n"));
        assertThat(run("value v add 2 --json")).isEqualTo(ok("3.0\n"));
        assertThat(run("value v add 0.1")).isEqualTo(ok("3.1\n"));
        assertThat(run("value v set 0.1")).isEqualTo(ok("0.1\n"));
        assertThat(run("value v add 0.2")).isEqualTo(ok("0.30000000000000004\n"));
        assertThat(run("value v set -Infinity")).isEqualTo(ok("-Infinity\n"));
        assertThat(run("value v add Infinity --json")).isEqualTo(ok("\"NaN\"\n"));
        assertThat(run("value v get")).isEqualTo(ok("NaN\n"));
        assertRefused("value v set 1e400", "too small for a decimal");
        assertRefused("value v set 1" + "0".repeat(400) + " --type d", "too small for a decimal");
        assertThat(run("value v set 7 --type i")).isEqualTo(ok("7\n"));
    }

    @Test
    void printsWhatWasSetInTheTypeThatIsHeld() {
        run("value v set 1 --type d");
        assertThat(run("value v set 9007199254740993")).isEqualTo(ok("9.007199254740992E15\n"));
        run("array a fill 3 0 --type d");
        assertThat(run("array a set -1 5")).isEqualTo(ok("5.0\n"));
        assertThat(run("array a set 0 1 2.5 --json")).isEqualTo(ok("[1.0,2.5]\n"));
    }

    @Test
    void printsWhatItSetAndNotWhatAnotherWroteSince() throws Exception {
        run("array a fill 2 0");
        var done = new AtomicBoolean();
        var other = new Thread(
                () -> {
                    try (var state = RedisSharedState.open(
                            RedisAddress.parse(Services.shared().redisUrl()), "shared-cli-it")) {
                        while (!done.get()) {
                            state.value("v").set(-1);
                            state.array("a").set(0, List.of(-1, -1));
                        }
                    }
                },
                "another-writer");
        other.start();
        try {
            for (int n = 0; n < 50; n++) {
                assertThat(run("value v set 7")).isEqualTo(ok("7\n"));
                assertThat(run("array a set 0 7 8")).isEqualTo(ok("7\n8\n"));
                assertThat(run("array a fill 2 9")).isEqualTo(ok("9\n9\n"));
            }
        } finally {
            done.set(true);
            other.join();
        }
    }

    @Test
    void refusesToChangeWhatIsOfAnotherTypeThanAsked() {
        run("value v set 1.5");
        assertRefused("value v add 1 --type i", "value 'v' holds 1.5, so it is of type d, not i");
        assertThat(run("value v add 1 --type d")).isEqualTo(ok("2.5\n"));
        run("value v set 1 --type i");
        assertRefused("value v add 1 --type d", "value 'v' holds 1, so it is of type i, not d; nothing was changed");
        assertRefused("value v add 0.5 --type d", "value 'v' holds 1, so it is of type i, not d");
        assertThat(run("value v add 1 --type i")).isEqualTo(ok("2\n"));

        run("array a fill 2 1.5");
        for (var change : new String[] {"set 0 1", "add 0 1", "add-all 1"}) {
            assertRefused("array a " + change + " --type i", "array 'a' holds 1.5, so it is of type d, not i");
        }
        assertThat(run("array a --json")).isEqualTo(ok("[1.5,1.5]\n"));
        run("array a fill 2 1");
        for (var change : new String[] {"set 0 1", "add 0 1", "add-all 1"}) {
            assertRefused("array a " + change + " --type d", "array 'a' holds 1, so it is of type i, not d");
        }
        assertThat(run("array a --json")).isEqualTo(ok("[1,1]\n"));
    }

    @Test
    void checksTheTypeInTheStepThatChanges() throws Exception {
        run("value v set 1 --type i");
        var done = new AtomicBoolean();
        var other = new Thread(
                () -> {
                    try (var state = RedisSharedState.open(
                            RedisAddress.parse(Services.shared().redisUrl()), "shared-cli-it")) {
                        while (!done.get()) {
                            state.value("v").make(Typecode.I, 1);
                            state.value("v").make(Typecode.D, 1);
                        }
                    }
                },
                "another-maker");
        other.start();
        try {
            for (int n = 0; n < 100; n++) {
                assertThat(run("value v add 1 --type i").out()).doesNotContain("."); // a double; or it is refused
            }
        } finally {
            done.set(true);
            other.join();
        }
    }

    @Test
    void makesAValueOfTheTypeThatAnAddAsksFor() {
        assertThat(run("value v add 2 --type d")).isEqualTo(ok("2.0\n"));
        run("value v rm");
        assertThat(run("value v add 2 --type i")).isEqualTo(ok("2\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 5.0",
        "0, 1.5",
        "1:3, 2.0|3.0",
        "-2:, 4.0|5.0",
        ":-3, 1.5|2.0",
        "-4:-2, 2.0|3.0",
        "3:99, 4.0|5.0",
    })
    void readsAnElementOrASliceAsPythonDoes(String place, String elements) {
        run("array a fill 5 1.5");
        run("array a set 1 2 3 4 5");

        assertThat(run("array a get " + place)).isEqualTo(ok(elements.replace('|', '\n') + "\n"));
    }

    @Test
    void printsAnEmptySliceAsNothing() {
        run("array a fill 2 0");

        assertThat(run("array a get 2:1")).isEqualTo(ok(""));
        assertThat(run("array a get 2:1 --json")).isEqualTo(ok("[]\n"));
    }

    @Test
    void changesAnArray() {
        assertThat(run("array a fill 4 0")).isEqualTo(ok("0\n0\n0\n0\n"));
        assertThat(run("array a set 1 7 -8")).isEqualTo(ok("7\n-8\n"));
        assertThat(run("array a set -2 5 6 --json")).isEqualTo(ok("[5,6]\n"));
        assertThat(run("array a add -1 10")).isEqualTo(ok("16\n"));
        assertThat(run("array a add-all 1 --json")).isEqualTo(ok("[1,8,6,17]\n"));
        assertThat(run("array a --json")).isEqualTo(ok("[1,8,6,17]\n"));
        assertThat(run("array a length")).isEqualTo(ok("4\n"));
        assertThat(run("array a fill 2 1 --type d --json")).isEqualTo(ok("[1.0,1.0]\n"));
    }

    @Test
    void changesNothingWhereAnOperandIsRefused() {
        run("array a fill 3 1");

        assertRefused("array a set 1 7 8 9", "3 elements from index 1 out of range for array 'a' of length 3");
        assertRefused("array a set 0 7 8.5", "not 8.5");
        assertRefused("array a get 3", "index 3 out of range for array 'a' of length 3");
        assertRefused("array a add -4 1", "index -4 out of range for array 'a' of length 3");
        assertThat(run("array a --json")).isEqualTo(ok("[1,1,1]\n"));
    }

    @Test
    void removesAndSaysWhereThereWasNothing() {
        run("value v set 1");
        run("array a fill 1 1");

        assertThat(run("value v rm")).isEqualTo(ok(""));
        assertThat(run("array a rm")).isEqualTo(ok(""));
        assertRefused("value v rm", "value 'v' does not exist");
        assertRefused("array a rm", "array 'a' does not exist");
        assertRefused("array a", "array 'a' does not exist");
        assertThat(run("array a length")).isEqualTo(ok("0\n"));
    }

    private static Run ok(String out) {
        return new Run(0, out, "");
    }

    private static void assertRefused(String line, String text) {
        var run = run(line);
        assertThat(run.code()).as(line).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(text).hasLineCount(1);
    }

    private static Run run(String line) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var code = ProducerCommand.run(
                line.split(" "),
                ENVIRONMENT,
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
