package dev.workerfarm.worker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.task.Square;
import dev.workerfarm.task.Task;
import dev.workerfarm.worker.task.ShortTask;
import dev.workerfarm.worker.task.SquareTask;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                .hasMessageContaining("StubTask")
                .hasMessageEndingWith(
                        ": rename one of them, or take it out of META-INF/services/dev.workerfarm.task.Task");
    }

    @Test
    void makesATaskOfItsClassName() {
        assertThat(TaskRegistry.make(SquareTask.class.getName())).isInstanceOf(SquareTask.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.example.Missing", "java.lang.Object", "dev.workerfarm.worker.run.MapRunner"})
    void saysWhichClassIsNoTask(String name) {
        assertThatThrownBy(() -> TaskRegistry.make(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("cannot make the task " + name + ": it has to be a Task on the class path");
    }

    @Test
    void aClassThatIsThereTwiceCountsOnceAndTwoLambdasDoNot() {
        assertThat(TaskRegistry.load(List.of(new SquareTask(), new SquareTask()))
                        .tasks())
                .containsOnlyKeys("square");
        var one = Task.of(Square.TYPE, (args, context) -> 1);
        var other = Task.of(Square.TYPE, (args, context) -> 2);
        assertThatThrownBy(() -> TaskRegistry.load(List.of(one, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two tasks are named 'square'");
    }
}
