package dev.workerfarm.worker.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.Topology.QueueHome;
import dev.workerfarm.error.PublishException;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.process.Cancellation;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of replies that no queue takes. */
@Timeout(60)
class ReplyQueuesTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String QUEUE = "farm.replies.0a30736b-c7c7-4c84-b471-fc50a01bb4f8";
    private static final String STRANGE = "replies";
    private static final String NODE = "rabbit@b";
    private static final EncodedMessage REPLY = new EncodedMessage(new AMQP.BasicProperties(), new byte[0]);

    private final MemoryBroker broker = new MemoryBroker();
    /** The broker does as RabbitMQ 4: it returns no message, and the publisher waits after a nack. */
    private boolean refusesByNack;

    private final AtomicInteger questions = new AtomicInteger();
    private final Outbox.Publisher publisher = new Outbox.Publisher() {
        @Override
        public CompletableFuture<Void> publish(
                String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
            var isRefused = refusesByNack && broker.look(queue).isDown();
            return isRefused ? new CompletableFuture<>() : broker.publish(queue, message, mandatory, due);
        }

        @Override
        public void declareReplies(String queue) {
            broker.declareReplies(queue);
        }

        @Override
        public QueueHome look(String queue) {
            questions.incrementAndGet();
            return broker.look(queue);
        }
    };
    private final Cancellation cancellation = new Cancellation();
    private final Outbox outbox = new Outbox(publisher, cancellation, fault -> {});

    @AfterEach
    void close() {
        cancellation.cancel();
        outbox.close();
        broker.close();
    }

    @Test
    void aThousandRepliesToAQueueThatIsGoneAreDroppedAndCostOneQuestion() {
        var replies = IntStream.range(0, 1_000)
                .mapToObj(i -> outbox.deliverReply(QUEUE, REPLY))
                .toArray(CompletableFuture<?>[]::new);

        assertThat(CompletableFuture.allOf(replies)).succeedsWithin(SOON);
        assertThat(questions).hasValueLessThan(10);
    }

    @Test
    void aReplyToAStrangersQueueWaitsForTheNodeOfTheQueue() {
        broker.declare(STRANGE);
        broker.down(STRANGE, NODE);
        var reply = outbox.deliverReply(STRANGE, REPLY);
        await().atMost(SOON).until(() -> String.valueOf(outbox.refusal(STRANGE)).contains(NODE));
        assertThat(reply).isNotDone();

        broker.down(STRANGE, null);

        assertThat(reply).succeedsWithin(SOON);
        assertThat(broker.waiting(STRANGE)).hasSize(1);
        assertThat(outbox.refusal(STRANGE)).isNull();
    }

    @Test
    void aReplyGoesToTheNextQueueThatIsNotOnANodeThatIsDown() {
        broker.declare(QUEUE);
        broker.down(QUEUE, NODE);
        broker.declare(QUEUE + ".1");
        broker.down(QUEUE + ".1", "rabbit@c");

        assertThat(outbox.deliverReply(QUEUE, REPLY)).succeedsWithin(SOON);

        assertThat(broker.waiting(QUEUE + ".2")).hasSize(1);
    }

    @Test
    void aReplyThatIsNotConfirmedGoesElsewhereIfItsQueueIsDownAndWaitsIfNot() {
        refusesByNack = true;
        broker.declare(QUEUE);
        broker.down(QUEUE, NODE);
        var reply = outbox.deliverReply(QUEUE, REPLY);
        assertThat(reply).isNotDone();

        await().atMost(SOON).until(() -> {
            outbox.doubt(reply);
            return reply.isDone();
        });

        assertThat(broker.waiting(QUEUE + ".1")).hasSize(1);
    }

    @Test
    void aDoubtfulReplyToAQueueThatIsUpIsNotPublishedTwice() {
        var published = new AtomicInteger();
        var slow = new ReplyQueues(
                new Outbox.Publisher() {
                    @Override
                    public CompletableFuture<Void> publish(
                            String queue, EncodedMessage message, boolean mandatory, @Nullable Instant due) {
                        published.incrementAndGet();
                        return new CompletableFuture<>();
                    }

                    @Override
                    public QueueHome look(String queue) {
                        return new QueueHome(true, null);
                    }

                    @Override
                    public void declareReplies(String queue) {
                        throw new AssertionError("the queue is up");
                    }
                },
                Runnable::run);
        var reply = new Outbox.Sending(QUEUE, false);
        var first = slow.publish(reply, REPLY);

        slow.doubt(reply);
        slow.doubt(reply);

        assertThat(first).isNotDone();
        assertThat(published).hasValue(1);
    }

    @Test
    void aReplyIsGivenUpWhereTheNodeStaysDown() {
        broker.declare(STRANGE);
        broker.down(STRANGE, NODE);
        var impatient = new ReplyQueues(publisher, Runnable::run, Duration.ZERO);
        var reply = new Outbox.Sending(STRANGE, false);

        assertThat(impatient.publish(reply, REPLY)).failsWithin(SOON);
        assertThat(reply).isNotDone();
        assertThat(impatient.publish(reply, REPLY)).failsWithin(SOON);

        assertThat(reply)
                .failsWithin(SOON)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(PublishException.class)
                .withMessageContaining(NODE);
    }
}
