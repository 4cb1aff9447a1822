package dev.workerfarm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workerfarm.json.Json;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskContext;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.worker.run.NoContext;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SquareTaskTest {
    private static final TaskContext NO_CONTEXT = new NoContext();

    private static Number square(Number n) {
        return new SquareTask().run(new Square(n), NO_CONTEXT);
    }

    private static BigInteger exactly(Number number) {
        assertThat(number).isInstanceOfAny(Long.class, BigInteger.class);
        return new BigInteger(number.toString());
    }

    @Test
    void squaresEveryIntegerExactly() {
        var seed = Long.getLong("test.seed", System.nanoTime());
        var random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            var n = random.nextLong() >> random.nextInt(64);
            assertThat(exactly(square(n)))
                    .as("%d squared, -Dtest.seed=%d", n, seed)
                    .isEqualTo(BigInteger.valueOf(n).pow(2));
        }
        for (int i = 0; i < 500; i++) {
            var n = new BigInteger(64 + random.nextInt(7_000), random).negate();
            assertThat(exactly(square(n)))
                    .as("%d squared, -Dtest.seed=%d", n, seed)
                    .isEqualTo(n.multiply(n));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3_037_000_499L, 3_037_000_500L, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE + 1})
    void squaresTheLongsAroundItsBounds(long around) {
        for (var n : new long[] {around - 1, around, around + 1, -around}) {
            assertThat(exactly(square(n))).isEqualTo(BigInteger.valueOf(n).pow(2));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, 2.25",
        "-0.0, 0.0",
        "1e200, Infinity",
        "-Infinity, Infinity",
        "NaN, NaN",
        "1e-200, 0.0",
        "3.0, 9.0"
    })
    void squaresFloatsAsDoubles(double n, double expected) {
        assertThat(square(n)).isEqualTo(expected);
    }

    @Test
    void squaresWhatComesOverTheWire() {
        var large = BigInteger.TEN.pow(2_000);
        for (var n : List.<Number>of(7L, large, 1.5)) {
            var args = (List<?>) Objects.requireNonNull(Json.read(Json.write(List.of(n))));
            @SuppressWarnings("unchecked") // JSON
            var bound = Arguments.bind(Square.TYPE, (List<Object>) args, Map.of());
            assertThat(Json.text(new SquareTask().run(bound, NO_CONTEXT))).isEqualTo(Json.text(square(n)));
        }
    }
}
