package dev.workerfarm.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.admin.FarmAdmin;
import dev.workerfarm.config.RedisAddress;
import dev.workerfarm.dead.Fate;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.TaskFailedException;
import dev.workerfarm.shared.Typecode;
import dev.workerfarm.task.BuiltIn;
import dev.workerfarm.task.RetryPolicy;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.UpdateArray;
import dev.workerfarm.task.UpdateValue;
import dev.workerfarm.testkit.CliRun;
import dev.workerfarm.testkit.ContractFarm;
import dev.workerfarm.testkit.GivesBack;
import dev.workerfarm.testkit.RandomValues;
import dev.workerfarm.testkit.Services;
import dev.workerfarm.testkit.Values;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Outcome;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Values of every class that may travel come back as they were sent, whichever way they go. */
@Timeout(90)
class ValuesContractIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int CALLS = 20;
    private static final int VALUES_A_CALL = 3;

    private static final RetryPolicy AT_ONCE =
            RetryPolicy.of(2).withFirst(Duration.ZERO).withJitter(0);

    @RegisterExtension
    private static final ContractFarm FARM = ContractFarm.withWorkers(2, 0);

    @TempDir
    private Path folder;

    private final RandomValues random = new RandomValues();

    private record Point(int x, int y) {}

    private List<GivesBack.Arguments> calls(int failures) {
        var obstacle = folder.resolve("obstacle").toString();
        return Stream.generate(() ->
                        Stream.generate(random::values).limit(VALUES_A_CALL).toList())
                .limit(CALLS)
                .map(values -> new GivesBack.Arguments(values, failures, obstacle))
                .toList();
    }

    private void assertGivenBack(List<Map<String, List<Values>>> results, List<GivesBack.Arguments> calls) {
        assertThat(results).as("%s", random).hasSameSizeAs(calls);
        for (int i = 0; i < calls.size(); i++) {
            assertThat(results.get(i))
                    .as("%s, call %d", random, i)
                    .isEqualTo(Map.of("values", calls.get(i).values()));
        }
    }

    @Test
    void asArgumentAndResultOfACallAndOfAMap() {
        var calls = calls(0);

        assertGivenBack(
                calls.stream()
                        .map(each -> FARM.pool().apply(GivesBack.TYPE, each))
                        .toList(),
                calls);
        assertGivenBack(FARM.pool().task(GivesBack.TYPE).chunkSize(7).map(calls), calls);
        assertGivenBack(
                FARM.pool()
                        .starmap(
                                GivesBack.TYPE,
                                calls.stream()
                                        .map(each -> List.<Object>of(each))
                                        .toList()),
                calls);
    }

    @Test
    void asArgumentsOfAnAttemptThatIsRunAgain() {
        var calls = calls(1);
        var handle = FARM.pool().task(GivesBack.TYPE).retry(AT_ONCE);

        var results = calls.stream().map(handle::callAsync).toList();

        assertGivenBack(results.stream().map(each -> each.get(SOON)).toList(), calls);
        assertGivenBack(handle.map(calls), calls);
    }

    @Test
    void asArgumentsOfADeadLetterAndItsReplayAndAsAStoredResult() throws Exception {
        var obstacle = Files.createFile(folder.resolve("obstacle"));
        var calls = calls(0);
        var handle = FARM.pool().task(GivesBack.TYPE).retry(AT_ONCE);
        var failed = calls.stream().map(handle::callAsync).toList();
        failed.forEach(each -> assertThatThrownBy(() -> each.get(SOON)).isInstanceOf(TaskFailedException.class));

        assertThat(inLetters()).as("%s", random).containsExactlyInAnyOrderElementsOf(calls);
        Files.delete(obstacle);
        var replay = CliRun.of(FARM.farm().environment(), "dead", "replay", "--all");
        assertThat(replay.code()).as("%s", replay).isZero();

        assertGivenBack(failed.stream().map(each -> stored(each.id())).toList(), calls);
    }

    @SuppressWarnings("unchecked") // JSON
    private static List<GivesBack.Arguments> inLetters() throws InterruptedException {
        List<GivesBack.Arguments> found = new ArrayList<>();
        try (var admin = admin();
                var letters = admin.deadLetters(SOON)) {
            letters.read(letter -> {
                var content = letter.content();
                found.add(Arguments.bind(
                        GivesBack.TYPE, (List<Object>) Objects.requireNonNull(content.get("args")), Map.of()));
                return new Fate.Stays();
            });
        }
        return found;
    }

    private static Map<String, List<Values>> stored(String id) {
        try (var admin = admin()) {
            var outcome = (Outcome.Succeeded) Objects.requireNonNull(admin.awaitResult(id, SOON));
            return Arguments.result(GivesBack.TYPE, outcome.value());
        }
    }

    private static FarmAdmin admin() {
        var redis = RedisAddress.parse(Services.shared().redisUrl());
        return FarmAdmin.open(FARM.farm().broker(), redis, FARM.farm().names());
    }

    @Test
    void asSharedValuesAndArrays() {
        var value = FARM.shared().value("v");
        var array = FARM.shared().array("a");
        var reals = Stream.generate(random::real).limit(CALLS).toList();
        var wholes = Stream.generate(random::wide).limit(CALLS).toList();
        for (var number : reals) {
            value.make(Typecode.D, number);
            assertThat(value.get()).as("%s", random).isEqualTo(number);
        }
        for (var number : wholes) {
            assertThat(value.setAndGet(0)).isIn(0L, 0.0);
            value.make(Typecode.I, number);
            assertThat(FARM.pool().apply(UpdateValue.TYPE, "v", 0))
                    .as("%s", random)
                    .isEqualTo(number);
        }
        array.make(reals);
        assertThat(array.toList()).as("%s", random).isEqualTo(reals);
        array.make(wholes);
        assertThat(FARM.pool().apply(UpdateArray.TYPE, "a", 0)).as("%s", random).isEqualTo(wholes);
    }

    @Test
    void aSharedNumberThatIsTooLargeIsRefused() {
        var value = FARM.shared().value("v");
        value.make(Typecode.D, 1);

        assertThatThrownBy(() -> FARM.pool().apply(UpdateValue.TYPE, "v", new BigDecimal("1e400")))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("too small for a decimal");
        assertThat(value.get()).isEqualTo(1.0);
    }

    @Test
    void asArgumentsWithoutAType() {
        var echo = FARM.pool().task("echo");
        for (int i = 0; i < CALLS; i++) {
            var any = random.any();
            assertThat(echo.apply(any)).as("%s", random).isEqualTo(List.of(Collections.singletonList(any), Map.of()));
        }
        assertThat(echo.apply(new Point(1, 2)))
                .as("one argument")
                .isEqualTo(List.of(List.of(Map.of("x", 1L, "y", 2L)), Map.of()));
        assertThat(echo.map(List.of(new Point(1, 2))))
                .isEqualTo(List.of(List.of(List.of(Map.of("x", 1L, "y", 2L)), Map.of())));
        assertThat(echo.apply(0.5, new BigDecimal("0.5"), new BigDecimal("0.50"), 0.1f))
                .isEqualTo(List.of(List.of(0.5, 0.5, new BigDecimal("0.50"), 0.1), Map.of()));
    }

    @Test
    void whatCannotTravelIsRefusedByName() {
        var sizes = Map.of("sizes", List.of(1, BigInteger.TEN.pow(5_000)));
        var echo = FARM.pool().task("echo");
        var why = "cannot be written as JSON: an integer of more than 4300 digits, at .sizes[1]";

        assertThatThrownBy(() -> echo.apply(1, sizes))
                .isInstanceOf(EncodeException.class)
                .hasMessage("argument 2 of echo " + why);
        assertThatThrownBy(() -> echo.publish(1, sizes)).hasMessage("argument 2 of echo " + why);
        assertThatThrownBy(() -> echo.map(List.of(1, sizes, 3))).hasMessageContaining("argument 1 of echo " + why);
        assertThatThrownBy(() -> FARM.pool().apply(BuiltIn.Sleep.TYPE, new BigDecimal("1e400")))
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining("sleep() argument 'ms' must be long, not the number 1E+400");
        assertThat(FARM.pool().applyAsync(Square.TYPE, 2).get(Duration.ofSeconds(2)))
                .isEqualTo(4L);
    }

    private static CliRun run(String... args) {
        return CliRun.of(FARM.farm().environment(), args);
    }

    @Test
    void onTheCommandLine() {
        assertThat(run("run", "echo", "123.4567890123456789", "1e400", "0.5", "-0.10"))
                .isEqualTo(new CliRun(0, "[[123.4567890123456789,1E+400,0.5,-0.10],{}]\n", ""));
        assertThat(run("square", "1e400").out()).isEqualTo("1E+800\n");
        assertThat(run("run", "echo", "NaN", "--json").out())
                .contains("\"value\":[[\"NaN\"],{}]")
                .doesNotContain("[NaN");
        assertThat(run("square", "-Infinity", "--json").out()).contains("\"value\":\"Infinity\"");
        assertThat(run("square", "-Infinity").out()).isEqualTo("Infinity\n");
    }
}
