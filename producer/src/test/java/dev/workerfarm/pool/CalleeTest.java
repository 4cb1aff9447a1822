package dev.workerfarm.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Square;
import dev.workerfarm.task.TaskType;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CalleeTest {
    private static final QueueNames NAMES = new QueueNames("farm");

    record Point(long x, long y) {}

    record Move(Point to, String by) {}

    record Draw(Point at) {}

    private static List<? extends @Nullable Object> positional(Callee<?> callee, @Nullable Object... given) {
        var args = callee.arguments(given);
        assertThat(args.kwargs()).isEmpty();
        return args.positional();
    }

    @Test
    void spreadsARecordOnlyWhereItIsTheArgumentRecordOfTheType() {
        var move = Callee.of(TaskType.of("move", Move.class, Object.class), NAMES);
        var draw = Callee.of(TaskType.of("draw", Draw.class, Object.class), NAMES);
        var point = new Point(1, 2);

        assertThat(positional(move, new Move(point, "car"))).isEqualTo(List.of(point, "car"));
        assertThat(positional(move, point, "car")).isEqualTo(List.of(point, "car"));
        assertThat(positional(draw, new Draw(point))).isEqualTo(List.of(point));
        assertThat(positional(draw, point)).as("the sole component").isEqualTo(List.of(point));
        assertThat(positional(draw, new Square(3))).as("a stranger").isEqualTo(List.of(new Square(3)));
        assertThat(positional(draw, new Draw(point), 1)).isEqualTo(List.of(new Draw(point), 1));
        assertThat(positional(Callee.named("draw", NAMES), point)).isEqualTo(List.of(point));
    }

    @Test
    void anArgumentListThatIsTheRecordAloneIsSpreadAsAnItemIs() {
        var draw = Callee.of(TaskType.of("draw", Draw.class, Object.class), NAMES);
        var point = new Point(1, 2);

        var lists = List.of(List.of(new Draw(point)), List.of(point), List.of(point, 1), List.of());
        var taken = MapInput.of(draw, lists).argLists();

        assertThat(taken).toIterable().isEqualTo(List.of(List.of(point), List.of(point), List.of(point, 1), List.of()));
    }

    @Test
    void takesAnyNumberOfArgumentsAndNulls() {
        var named = Callee.named("any", NAMES);

        assertThat(positional(named)).isEmpty();
        assertThat(positional(named, 1, "a", null)).isEqualTo(Arrays.asList(1, "a", null));
        assertThat(named.arguments((@Nullable Object[]) null).positional()).isEqualTo(Collections.singletonList(null));
    }

    @Test
    void rawArgumentsAreTheArgumentsThemselves() {
        var raw = Callee.of(TaskType.of("raw", RawArguments.class, Object.class), NAMES);

        var args = raw.arguments(new RawArguments(List.of(1L), Map.of("b", 2L)));

        assertThat(args.positional()).isEqualTo(List.of(1L));
        assertThat(args.kwargs()).isEqualTo(Map.of("b", 2L));
        var input = MapInput.each(raw, List.of(new RawArguments(List.of(1L, 2L), Map.of()), args.kwargs()));
        assertThat(input.argLists().next()).isEqualTo(List.of(1L, 2L));
        var named = MapInput.each(raw, List.of(new RawArguments(List.of(), Map.of("b", 2L))));
        assertThatThrownBy(named.argLists()::next)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keyword arguments");
    }
}
