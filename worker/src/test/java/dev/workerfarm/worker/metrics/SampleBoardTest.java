package dev.workerfarm.worker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SampleBoardTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(10);

    private final SampleBoard board = new SampleBoard();

    @Test
    void asksAndAddsUp() throws Exception {
        for (int i = 1; i <= 2; i++) {
            var page = board.open();
            var line = "workerfarm_reconnects_total " + i + "\tworkerfarm_busy 1";
            page.started(() -> page.answered(line));
        }

        var sum = board.ask(LONG);

        assertThat(sum.unresponsive()).isZero();
        assertThat(sum.samples().line()).isEqualTo("workerfarm_reconnects_total 3\tworkerfarm_busy 2");
    }

    @Test
    void whoDoesNotAnswerIsAskedOnceAndKeepsItsLastNumbers() throws Exception {
        var questions = new AtomicInteger();
        var page = board.open();
        page.started(questions::incrementAndGet);
        page.answered("workerfarm_busy 7");

        for (int i = 0; i < 3; i++) {
            var sum = board.ask(SHORT);
            assertThat(sum.unresponsive()).isEqualTo(1);
            assertThat(sum.samples().line()).isEqualTo("workerfarm_busy 7");
        }
        assertThat(questions).hasValue(1);

        page.answered("workerfarm_busy 8");
        board.ask(SHORT);
        assertThat(questions).hasValue(2);
    }

    @Test
    void theCountersOfTheDeadStayAndTheirGaugesGo() throws Exception {
        var dead = board.open();
        dead.started(() -> dead.answered("workerfarm_reconnects_total 5\tworkerfarm_busy 1"));
        board.ask(LONG);
        dead.ended();
        dead.answered("workerfarm_reconnects_total 100"); // too late
        dead.ended();
        var next = board.open();
        next.started(() -> next.answered("workerfarm_reconnects_total 2"));

        assertThat(board.ask(LONG).samples().line()).isEqualTo("workerfarm_reconnects_total 7");
    }

    @Test
    void nonsenseLeavesTheOldNumbers() throws Exception {
        var page = board.open();
        page.started(() -> page.answered("workerfarm_busy many"));
        page.answered("workerfarm_busy 7");

        assertThat(board.ask(LONG).samples().line()).isEqualTo("workerfarm_busy 7");
    }
}
