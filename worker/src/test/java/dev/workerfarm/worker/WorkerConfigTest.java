package dev.workerfarm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.workerfarm.task.RawArguments;
import dev.workerfarm.task.Task;
import dev.workerfarm.task.TaskQueue;
import dev.workerfarm.task.TaskType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerConfigTest {
    private static final Task<?, ?> PLAIN = on(TaskQueue.TASKS);
    private static final Task<?, ?> REPORT = on(TaskQueue.named("reports", 4));
    private static final Task<?, ?> MAIL = on(TaskQueue.named("mails", 1));

    private static Task<?, ?> on(TaskQueue queue) {
        return Task.of(TaskType.of("task", RawArguments.class, Object.class).on(queue), (args, context) -> 1);
    }

    private static WorkerConfig config(Map<String, String> variables, Task<?, ?>... tasks) {
        return WorkerConfig.from(variables).withLanesOf(List.of(tasks));
    }

    @Test
    void theQueuesOfAProgramsTasksHaveALaneEach() {
        var config = config(Map.of(), REPORT, PLAIN, MAIL, REPORT);

        assertThat(config.lanes()).containsExactly("mails:1", "reports:4");
        assertThat(config.environment()).containsEntry("FARM_LANES", "mails:1,reports:4");
    }

    @Test
    void aQueueThatAVariableNamesStaysAsItSays() {
        assertThat(config(Map.of("FARM_LANES", "reports:2x3"), REPORT, MAIL).lanes())
                .containsExactly("reports:2x3", "mails:1");
        assertThat(config(Map.of("FARM_QUEUES", "farm.reports"), REPORT).lanes())
                .isEmpty();
        assertThat(config(Map.of(), PLAIN).lanes()).isEmpty();
    }

    @Test
    void twoNumbersForOneQueueAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(Map.of(), REPORT, on(TaskQueue.named("reports", 2))))
                .withMessage("the tasks on the queue 'reports' run 4 and 2 at a time: give it one number, or name it in"
                        + " FARM_LANES");
    }
}
