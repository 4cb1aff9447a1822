package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerProgramTest {
    @ParameterizedTest
    @ValueSource(strings = {"greet", "square", "download"})
    void refusesTwoTasksOfOneNameAndThoseThatAreBuiltIn(String name) {
        var type = TaskType.of(name, RawArguments.class, Object.class);
        var program =
                Worker.builder().task(TaskType.of("greet", RawArguments.class, Object.class), (args, context) -> 1);
        assertThatThrownBy(() -> program.task(Task.of(type, (args, context) -> 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is a task '" + name + "' already: give this one another name");
    }
}
