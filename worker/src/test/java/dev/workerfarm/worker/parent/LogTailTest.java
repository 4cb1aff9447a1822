package dev.workerfarm.worker.parent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogTailTest {
    private final ChildProcess.LogTail tail = new ChildProcess.LogTail();

    @Test
    void keepsTheLastFortyLinesInOrder() {
        assertThat(tail.lines()).isEmpty();
        IntStream.range(0, 50).forEach(i -> tail.add("line " + i));
        assertThat(tail.lines())
                .isEqualTo(IntStream.range(10, 50).mapToObj(i -> "line " + i).toList());
    }

    @Test
    void cutsLongLines() {
        tail.add("x".repeat(500));
        tail.add("y".repeat(501));
        assertThat(tail.lines()).isEqualTo(List.of("x".repeat(500), "y".repeat(500)));
    }

    @Test
    void givesACopy() {
        tail.add("a");
        var lines = tail.lines();
        tail.add("b");
        assertThat(lines).containsExactly("a");
    }
}
