package dev.workerfarm.pool.transport;

import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.wire.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What is to come of a published message, by one reply or several. Called on threads of the transport. */
public interface Awaited {
    /** Done when nothing is to come any more; whoever completes it with a failure gives the message up. */
    CompletableFuture<?> done();

    /** A final reply came, perhaps not the first, under the message's id or that of a part of it. */
    void answered(String id, Outcome outcome);

    /** The messages that ask for all that is not answered. */
    List<EncodedMessage> unanswered();

    /** The broker refuses one of the messages: what is to be published in its place. */
    List<EncodedMessage> refused(EncodedMessage message, PublishException why);

    /** The one outcome of a message that is neither answered nor published in parts. */
    record One(EncodedMessage message, CompletableFuture<Outcome> done) implements Awaited {
        @Override
        public void answered(String id, Outcome outcome) {
            done.complete(outcome);
        }

        @Override
        public List<EncodedMessage> unanswered() {
            return List.of(message);
        }

        @Override
        public List<EncodedMessage> refused(EncodedMessage refused, PublishException why) {
            done.completeExceptionally(why);
            return List.of();
        }
    }
}
