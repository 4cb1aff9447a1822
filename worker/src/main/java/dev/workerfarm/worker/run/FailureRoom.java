package dev.workerfarm.worker.run;

import dev.workerfarm.wire.Failure;
import dev.workerfarm.wire.Outcome;

/**
 * Keeps the failures of one chunk small together: the first keep all that they say, those for which there is no more
 * room lose their stack and the end of a long text. Twenty thousand failed items with a stack each would not fit a
 * message, nor the heap. Belongs to one thread.
 */
final class FailureRoom {
    private static final int ROOM_CHARS = 2 * 1024 * 1024;
    private static final int BRIEF_TEXT_CHARS = 200;

    private int left = ROOM_CHARS;

    /** The outcome, a failure as long as there is room for it. */
    Outcome fit(Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed failed)) {
            return outcome;
        }
        var chars = length(failed.failure());
        if (chars > left) {
            return new Outcome.Failed(failed.failure().brief(BRIEF_TEXT_CHARS), failed.dead());
        }
        left -= chars;
        return outcome;
    }

    private static int length(Failure failure) {
        var stack = failure.stack();
        return failure.text().length() + (stack == null ? 0 : stack.length());
    }
}
