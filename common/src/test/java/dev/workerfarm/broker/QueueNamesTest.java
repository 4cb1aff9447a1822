package dev.workerfarm.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.task.TaskQueue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueNamesTest {
    @Test
    void aProducersReplyQueueHasNumberedSuccessorsAndNoOtherQueueHas() {
        var replies = new QueueNames("farm").replies("0a30736b-c7c7-4c84-b471-fc50a01bb4f8");

        assertThat(QueueNames.nextReplies(replies)).isEqualTo(replies + ".1");
        assertThat(QueueNames.nextReplies(replies + ".9")).isEqualTo(replies + ".10");
        assertThat(QueueNames.nextReplies("farm.replies.mine")).isNull();
        assertThat(QueueNames.nextReplies("farm.tasks")).isNull();
    }

    @Test
    void startsEveryNameWithTheNamespace() {
        var names = new QueueNames("farm");
        assertThat(names.of(TaskQueue.TASKS)).isEqualTo("farm.tasks");
        assertThat(names.of(TaskQueue.DOWNLOADS)).isEqualTo("farm.downloads");
        assertThat(names.of(TaskQueue.named("reports", 4))).isEqualTo("farm.reports");
        assertThat(names.dead()).isEqualTo("farm.dead");
        assertThat(names.replies("p1")).isEqualTo("farm.replies.p1");
    }

    @Test
    void noTaskQueueHasANameOfTheFarmsOwn() {
        var names = new QueueNames("farm");
        for (var name : List.of(
                names.of(TaskQueue.TASKS),
                names.of(TaskQueue.DOWNLOADS),
                names.dead(),
                names.control(),
                names.control("c1"),
                names.running("p1", 1),
                names.replies("p1"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TaskQueue.named(name.substring("farm.".length()), 1))
                    .withMessageStartingWith("the farm itself uses");
        }
    }

    @Test
    void takesLettersDigitsAndDashes() {
        assertThat(new QueueNames("A-z_09").dead()).isEqualTo("A-z_09.dead");
        assertThat(new QueueNames("x".repeat(64)).namespace()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a.b", "a b", "ä", "a\n", "a*", "#"})
    void refusesOtherNamespaces(String namespace) {
        assertThatThrownBy(() -> new QueueNames(namespace))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("FARM_NAMESPACE: 1 to 64");
    }

    @Test
    void refusesALongNamespace() {
        assertThatThrownBy(() -> new QueueNames("x".repeat(65))).isInstanceOf(IllegalArgumentException.class);
    }
}
