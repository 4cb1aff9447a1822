package dev.workerfarm.worker.run;

import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Arguments;
import dev.workerfarm.wire.Outcome;
import dev.workerfarm.wire.WrongArgumentsException;
import dev.workerfarm.wire.task.TaskMessage;
import dev.workerfarm.worker.commit.GuardedCalls;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Celery's {@code celery.map} and {@code celery.starmap}: the result is a plain list, or an item's first failure. */
record CeleryMap(MessageRun run, boolean isStarmap, List<?> items) implements CarriedCalls {
    static final String MAP = "celery.map";
    static final String STARMAP = "celery.starmap";
    /** A task may well answer more than it was given, and all answers are held until the last is there. */
    private static final int MOST_ITEMS = 100_000;

    /** Reads the message's arguments; throws if they are not Celery's. */
    static CeleryMap of(MessageRun run) {
        var message = run.message();
        if (taskOf(message) == null || !(message.kwargs().get("it") instanceof List<?> items)) {
            throw new WrongArgumentsException(message.task() + "() wants task (a signature) and it (a list)");
        }
        if (items.size() > MOST_ITEMS) {
            throw new WrongArgumentsException(message.task() + "() takes at most " + MOST_ITEMS + " items");
        }
        var isStarmap = message.task().equals(STARMAP);
        if (isStarmap && !items.stream().allMatch(List.class::isInstance)) {
            throw new WrongArgumentsException(STARMAP + "() wants a list of argument lists");
        }
        return new CeleryMap(run, isStarmap, items);
    }

    /** The name of the task that is mapped, or null: the message does not say. */
    static @Nullable String taskOf(TaskMessage message) {
        return message.kwargs().get("task") instanceof Map<?, ?> signature
                        && signature.get("task") instanceof String name
                ? name
                : null;
    }

    /** The items behind a failed one are not run: they have no outcome, and no effects. */
    Execution execute() {
        run.begin(this, false);
        var guarded = run.usesSharedState() ? run.guarded(items.size()) : null;
        List<@Nullable Object> values = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            var index = i;
            var outcome =
                    guarded == null ? run.run(index, null) : guarded.runNow(index, shared -> run.run(index, shared));
            if (!(outcome instanceof Outcome.Succeeded succeeded)) {
                return run.committed(outcome == null ? GuardedCalls.abandoned() : outcome);
            }
            values.add(succeeded.value());
        }
        return run.committed(new Outcome.Succeeded(values));
    }

    @Override
    public String id(int place) {
        return run.message().id() + ":" + place;
    }

    @Override
    public boolean isOf(String anId) {
        return anId.startsWith(run.message().id());
    }

    /** Made when the call's turn comes: all calls together would take more of the heap than the message. */
    @Override
    public <A> A arguments(TaskType<A, ?> type, int place) {
        var item = items.get(place);
        return Arguments.bind(
                type, new ArrayList<>(isStarmap ? (List<?>) item : Collections.singletonList(item)), Map.of());
    }

    @Override
    public void over(int place, Outcome outcome) {
        run.settle(place, () -> run.lookUp(items.size()), outcome, this::failOverdue);
    }

    /** Where the item succeeded in another run of the message, more items follow: the message goes back unsettled. */
    private void failOverdue(Outcome item) {
        if (!(item instanceof Outcome.Succeeded)) {
            run.overdue().settle(run.committed(item));
        }
    }
}
