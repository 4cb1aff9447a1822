package dev.workerfarm.dead;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import java.util.function.Consumer;

/** What becomes of a letter that was read. */
public sealed interface Fate {
    /** It stays where it is. */
    record Stays() implements Fate {}

    /** It is gone. */
    record Goes() implements Fate {}

    /**
     * Its message is published, and once the broker has confirmed that, it is gone. One that no queue takes stays.
     *
     * @param queue a queue's literal name
     * @param confirmed called then, on the thread that reads
     * @param refused called with the reason instead, on the same thread
     */
    record Leaves(String queue, EncodedMessage message, Runnable confirmed, Consumer<PublishException> refused)
            implements Fate {}
}
