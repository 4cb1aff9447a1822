package dev.workerfarm.worker.answer;

import com.rabbitmq.client.ShutdownSignalException;
import dev.workerfarm.broker.PresentConnection;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.PublishException.Returned;
import dev.workerfarm.wire.EncodedMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes replies as mandatory messages, and asks about the queue of one that came back. If the queue is gone, its replies are
 * dropped. If the broker's node that has it is down, they go to the queue with the next number, which is declared where it is not
 * there. Where that cannot be, as for a stranger's queue, they fail until the node is back, and are given up after five minutes.
 * Answers are remembered, so that many replies cost few questions. Threads may share it.
 */
final class ReplyQueues {
    private static final Logger LOG = LoggerFactory.getLogger(ReplyQueues.class);
    private static final Duration REMEMBERED = Duration.ofSeconds(10);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);
    private static final Duration UNANSWERED = Duration.ofMinutes(5);
    /** A node that was seen down before, and not for so long since, may have been up between. */
    private static final Duration SEEN = Duration.ofMinutes(1);

    private static final int MANY = 1_000;

    /** An answer; {@code present} is the queue that takes the replies, or null: none does. */
    private record Known(@Nullable String present, @Nullable String downNode, long askedNanos) {}

    private record Down(long sinceNanos, long seenNanos) {}

    private final Outbox.Publisher publisher;
    private final Executor questions;
    private final Duration unanswered;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final Map<String, Down> downNodes = new ConcurrentHashMap<>();

    /** @param questions for what may wait for the broker's answer */
    ReplyQueues(Outbox.Publisher publisher, Executor questions) {
        this(publisher, questions, UNANSWERED);
    }

    ReplyQueues(Outbox.Publisher publisher, Executor questions, Duration unanswered) {
        this.publisher = publisher;
        this.questions = questions;
        this.unanswered = unanswered;
    }

    /** One try: the result fails with a Returned if it has to be tried again. It may be given up. */
    CompletableFuture<Void> publish(Outbox.Sending sending, EncodedMessage reply) {
        var queue = sending.queue();
        var answer = known.get(queue);
        var now = System.nanoTime();
        if (answer == null || now - answer.askedNanos > REMEMBERED.toNanos()) {
            if (answer == null || answer.present == null || answer.present.equals(queue)) {
                return publish(sending, queue, reply);
            }
            ask(queue); // until it is answered, they go on to the other queue
        }
        var node = answer.downNode;
        if (node == null) {
            var present = answer.present;
            if (present != null) {
                return publish(sending, present, reply);
            }
            sending.target(null);
            return publisher.publish(queue, reply, false, null);
        }
        if (now - answer.askedNanos > ASK_AGAIN.toNanos()) {
            ask(queue);
        }
        var down = downNodes.get(node);
        if (down != null && now - down.sinceNanos > unanswered.toNanos()) {
            sending.giveUp("the node " + node + " of its queue is down for " + unanswered.toSeconds() + " s");
        }
        return CompletableFuture.failedFuture(new Returned("the node " + node + " that has the reply queue is down"));
    }

    /**
     * No confirm of this reply comes: its queue may be on a node that is down or frozen, and RabbitMQ 4 returns nothing then. Asks, and
     * tries it again elsewhere once the answer says so.
     */
    void doubt(Outbox.Sending sending) {
        var answer = known.get(sending.queue());
        var now = System.nanoTime();
        if (answer == null || now - answer.askedNanos > ASK_AGAIN.toNanos()) {
            ask(sending.queue());
        }
        if (answer != null && now - answer.askedNanos <= REMEMBERED.toNanos()) {
            sending.turn(answer.present);
        }
    }

    private CompletableFuture<Void> publish(Outbox.Sending sending, String present, EncodedMessage reply) {
        sending.target(present);
        var queue = sending.queue();
        var published = publisher.publish(present, reply, publisher.returnsReplies(), null);
        published.whenComplete((nothing, failed) -> {
            if (failed instanceof Returned) {
                ask(queue);
            }
        });
        return published;
    }

    private void ask(String queue) {
        if (asked.add(queue)) {
            questions.execute(() -> {
                try {
                    var answer = answer(queue);
                    if (known.size() >= MANY) {
                        known.values().removeIf(old -> answer.askedNanos - old.askedNanos > REMEMBERED.toNanos());
                    }
                    report(queue, known.put(queue, answer), answer);
                } catch (IOException | ShutdownSignalException e) { // the next reply that comes back asks again
                    LOG.debug("reply queue not looked for queue={} reason={}", queue, e.toString());
                } finally {
                    asked.remove(queue);
                }
            });
        }
    }

    private Known answer(String queue) throws IOException {
        var home = look(queue);
        var present = home.isDown() ? instead(queue) : home.exists() ? queue : null;
        var node = present == null ? home.downNode() : null;
        var now = System.nanoTime();
        if (node != null) {
            downNodes.merge(
                    node,
                    new Down(now, now),
                    (before, first) ->
                            now - before.seenNanos > SEEN.toNanos() ? first : new Down(before.sinceNanos, now));
        }
        return new Known(present, node, now);
    }

    /** The queue that takes the replies of one whose node is down, and that its producer looks for; null: there is none. */
    private @Nullable String instead(String queue) throws IOException {
        for (var next = QueueNames.nextReplies(queue); next != null; next = QueueNames.nextReplies(next)) {
            var home = look(next);
            if (!home.isDown()) {
                return home.exists() || isDeclared(next) ? next : null;
            }
        }
        return null;
    }

    private boolean isDeclared(String queue) throws IOException {
        try {
            publisher.declareReplies(queue);
            return true;
        } catch (IOException e) {
            if (!PresentConnection.isRefused(e)) {
                throw e;
            }
            LOG.warn(
                    "cannot declare a reply queue instead of one on a node that is down queue={} reason={}",
                    queue,
                    e.getCause());
            return false;
        }
    }

    /** A broker that does not let us ask, as for lack of a right, cannot be waited for. */
    private QueueHome look(String queue) throws IOException {
        try {
            return publisher.look(queue);
        } catch (IOException e) {
            if (!PresentConnection.isRefused(e)) {
                throw e;
            }
            LOG.debug("reply queue not looked for queue={} reason={}", queue, e.toString());
            return new QueueHome(false, null);
        }
    }

    private static void report(String queue, @Nullable Known before, Known now) {
        var was = before == null ? queue : before.present;
        if (now.downNode != null && (before == null || before.downNode == null)) {
            LOG.warn(
                    "the node that has a reply queue is down, its replies are held queue={} node={}",
                    queue,
                    now.downNode);
        } else if (now.present != null && !now.present.equals(was)) {
            LOG.info("replies go to another queue queue={} to={}", queue, now.present);
        } else if (now.present == null && now.downNode == null) {
            LOG.debug("the reply queue is gone, its replies are dropped queue={}", queue);
        }
    }
}
