package dev.workerfarm.worker.run;

import dev.workerfarm.task.TaskType;
import dev.workerfarm.task.TimeLimits;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Outcome;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One call, made by hand. */
record StubCalls(String id, List<Object> args, Map<String, Object> kwargs, Consumer<Outcome> overdue)
        implements CarriedCalls {
    /** A call that may begin on this thread. */
    static RunningCalls running(String id, String task) {
        return running(id, task, new Activity(Clock.systemUTC()));
    }

    static RunningCalls running(String id, String task, Activity activity) {
        var one = new StubCalls(id, List.of(), Map.of(), outcome -> {});
        return new RunningCalls(task, null, one, 0, TimeLimits.NONE, activity.counts(task));
    }

    @Override
    public String id(int place) {
        return id;
    }

    @Override
    public boolean isOf(String anId) {
        return anId.equals(id) || id.startsWith(anId + ":");
    }

    @Override
    public <A> A arguments(TaskType<A, ?> type, int place) {
        return Arguments.bind(type, args, kwargs);
    }

    @Override
    public void over(int place, Outcome outcome) {
        overdue.accept(outcome);
    }
}
