package dev.workerfarm.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskQueueTest {
    @Test
    void isEqualWhereNameAndConcurrencyAre() {
        assertThat(TaskQueue.named("reports", 4))
                .isEqualTo(TaskQueue.named("reports", 4))
                .hasSameHashCodeAs(TaskQueue.named("reports", 4))
                .isNotEqualTo(TaskQueue.named("reports", 1))
                .isNotEqualTo(TaskQueue.named("mails", 4));
    }

    @Test
    void aTypeIsPublishedToTheQueueThatItWasGiven() {
        var type = Square.TYPE.on(TaskQueue.named("reports", 4)).withSharedState();

        assertThat(type.queue()).isEqualTo(TaskQueue.named("reports", 4));
        assertThat(Square.TYPE.queue()).isEqualTo(TaskQueue.TASKS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "7", "Reports", "reports-2_b", "reports.high.0", "tasks.high", "deadlines", "replies-x"})
    void takesLettersDigitsDashesAndDots(String name) {
        assertThat(TaskQueue.named(name, 1).suffix()).isEqualTo(name);
    }

    @Test
    void takesUpTo64CharactersAnd1024AtATime() {
        var name = "x".repeat(64);
        assertThat(TaskQueue.named(name, 1_024).concurrency()).isEqualTo(1_024);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskQueue.named(name + "x", 1))
                .withMessageStartingWith("a queue's name has 1 to 64 letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "-a", ".a", "a.", "a..b", "a b", "a:b", "a,b", "a*", "#", "ä", "a\n"})
    void refusesOtherNames(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskQueue.named(name, 1))
                .withMessage("a queue's name has 1 to 64 letters, digits, - and _, with single dots between them, not '"
                        + name + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tasks", "downloads", "dead", "control", "control.x", "running.x.1", "replies", "replies.p1"})
    void refusesTheNamesOfTheFarmsOwnQueues(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskQueue.named(name, 1))
                .withMessage("the farm itself uses the name '" + name + "': give the queue another name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "io"})
    void refusesTheNamesOfTheTwoLanesOfEveryWorker(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskQueue.named(name, 1))
                .withMessageStartingWith("the farm itself uses");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1_025})
    void refusesANumberOutOfBounds(int concurrency) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskQueue.named("reports", concurrency))
                .withMessage("queue 'reports': " + concurrency + " tasks at a time is not within 1 to 1024");
    }
}
