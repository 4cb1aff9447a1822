package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.wire.PackedList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ResultListTest {
    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** Of one kind for a while, as the results of a map are, and then perhaps of another. */
    private @Nullable Object value(int kind) {
        return switch (kind) {
            case 0 -> random.nextLong();
            case 1 -> random.nextBoolean() ? random.nextDouble() : Double.NaN;
            case 2 -> null;
            default -> "text " + random.nextInt();
        };
    }

    @RepeatedTest(200)
    @SuppressWarnings("NullAway") // a list of what may be null takes null
    void isAListAsAnyOtherWhateverItHolds() {
        var list = new ResultList<@Nullable Object>(random.nextInt(40));
        List<@Nullable Object> expected = new ArrayList<>();
        var kind = random.nextInt(4);
        for (int step = random.nextInt(60); step >= 0; step--) {
            kind = random.nextInt(30) == 0 ? random.nextInt(4) : kind;
            var value = value(kind);
            switch (random.nextInt(40)) {
                case 0 -> {
                    if (!expected.isEmpty()) {
                        var at = random.nextInt(expected.size());
                        assertThat(list.remove(at)).isEqualTo(expected.remove(at));
                    }
                }
                case 1 -> {
                    if (!expected.isEmpty()) {
                        var at = random.nextInt(expected.size());
                        assertThat(list.set(at, value)).isEqualTo(expected.set(at, value));
                    }
                }
                case 2 -> {
                    var at = random.nextInt(expected.size() + 1);
                    list.add(at, value);
                    expected.add(at, value);
                }
                case 3, 4, 5 -> {
                    var numbers = new PackedList.Builder<Object>(0);
                    random.longs(random.nextInt(30)).forEach(number -> {
                        numbers.addNumber(number);
                        expected.add(number);
                    });
                    list.addNumbers(numbers.build(Long::valueOf));
                }
                default -> {
                    list.add(value);
                    expected.add(value);
                }
            }
        }

        assertThat(list).as("-Dtest.seed=%d", seed).isEqualTo(expected).hasSameHashCodeAs(expected);
        assertThatThrownBy(() -> list.get(expected.size())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> list.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void mayBeSortedAndClearedAndTellsAnIteratorThatItWasChanged() {
        var list = new ResultList<Long>(0);
        list.addAll(List.of(3L, 1L, 2L));
        list.sort(Comparator.naturalOrder());
        assertThat(list).containsExactly(1L, 2L, 3L);

        var iterator = list.iterator();
        list.add(4L);
        assertThatThrownBy(iterator::next).isInstanceOf(ConcurrentModificationException.class);
        list.clear();
        assertThat(list).isEmpty();
    }
}
