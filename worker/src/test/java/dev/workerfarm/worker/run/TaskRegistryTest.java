package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.worker.task.ShortTask;
import dev.workerfarm.worker.task.SquareTask;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskRegistryTest {
    @Test
    void findsTasksByName() {
        var echo = ShortTask.ECHO;
        var registry = TaskRegistry.load(List.of(new SquareTask(), echo));
        assertThat(registry.find("echo")).isSameAs(echo);
        assertThat(registry.find("Echo")).isNull();
        assertThat(registry.find("")).isNull();
    }

    @Test
    void refusesTwoTasksOfOneName() {
        assertThatThrownBy(
                        () -> TaskRegistry.load(List.of(new SquareTask(), StubTask.of("square", (args, context) -> 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two tasks are named 'square'")
                .hasMessageContaining("SquareTask")
                .hasMessageContaining("StubTask");
    }
}
