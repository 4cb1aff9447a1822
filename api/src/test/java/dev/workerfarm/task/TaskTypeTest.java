package dev.workerfarm.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.workerfarm.task.TaskType.ResultType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskTypeTest {
    record None() {}

    @Test
    void aResultIsOfTheTypeThatItsClassNames() {
        var type = TaskType.of("t", None.class, new ResultType<Map<String, ? extends List<Integer[]>>>() {});

        assertThat(type.resultType().getTypeName())
                .isEqualTo("java.util.Map<java.lang.String, ? extends java.util.List<java.lang.Integer[]>>");
        assertThat(TaskType.of("t", None.class, new ResultType<String>() {}).resultType())
                .isEqualTo(String.class);
        assertThat(TaskType.ofList("t", None.class, Long.class).resultType().getTypeName())
                .isEqualTo("java.util.List<java.lang.Long>");
        assertThat(type.withSharedState().on(TaskQueue.DOWNLOADS).resultType()).isEqualTo(type.resultType());
    }

    private static <T> ResultType<List<T[]>> ofUnknown() {
        return new ResultType<>() {};
    }

    private static class Named<T> extends ResultType<List<String>> {}

    @SuppressWarnings("rawtypes") // that is the mistake
    @Test
    void aResultTypeThatNobodyKnowsIsRefused() {
        assertThatThrownBy(TaskTypeTest::<String>ofUnknown)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "java.util.List<T[]> has a type variable in it, which nobody knows when the task is called");
        assertThatThrownBy(() -> new ResultType() {})
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("new ResultType<List<String>>() {}");
        assertThatThrownBy(() -> new Named<Long>() {}).isInstanceOf(IllegalArgumentException.class);
    }
}
