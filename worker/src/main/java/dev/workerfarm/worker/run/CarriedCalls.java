package dev.workerfarm.worker.run;

import dev.workerfarm.task.TaskType;
import dev.workerfarm.wire.Outcome;

/** The calls of one task that a message carries, by their places: a single one, or the items of a map. */
interface CarriedCalls {
    /** The message's own id, or an item's. */
    String id(int place);

    /** Whether an id names the message, one of its calls, or what it is a part of. */
    boolean isOf(String anId);

    /** Makes the arguments of a call; throws WrongArgumentsException. */
    <A> A arguments(TaskType<A, ?> type, int place);

    /** A call is over though it has not ended: settles its message, on another thread than the call's. */
    void over(int place, Outcome outcome);
}
