package dev.workerfarm.worker.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.broker.QueueNames;
import dev.workerfarm.wire.EncodedMessage;
import dev.workerfarm.worker.answer.MemoryBroker;
import dev.workerfarm.worker.config.ConsumerTimeout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskConsumerTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final MemoryBroker broker = new MemoryBroker();
    private final BlockingQueue<Delivery> inbox = new LinkedBlockingQueue<>();
    private final List<String> readiness = new ArrayList<>();
    private final Settler settler = new Settler(
                    new Handovers((queue, copy) -> broker.publish(queue, copy, true, null), inbox::add), fault -> {})
            .start();
    private final TaskConsumer consumer = consumer(Duration.ofHours(1), 4);

    private TaskConsumer consumer(Duration timeout, int prefetch) {
        return consumer(timeout, prefetch, List.of("tasks"));
    }

    private TaskConsumer consumer(Duration timeout, int prefetch, List<String> queues) {
        var renewal = new Renewal(queues, new QueueNames("test"), "me", new ConsumerTimeout(timeout), inbox, settler);
        return new TaskConsumer(
                queues, prefetch, inbox, settler, renewal, isReady -> readiness.add(isReady ? "ready" : "not ready"));
    }

    @AfterEach
    void close() {
        settler.finish();
        broker.close();
    }

    private void publish(int count) {
        broker.declare("tasks");
        for (int i = 0; i < count; i++) {
            var body = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
            var message = new EncodedMessage(new AMQP.BasicProperties(), body);
            broker.publish("tasks", message, true, null).join();
        }
    }

    private void awaitInbox(int size) {
        await().atMost(SOON).until(() -> inbox.size() == size);
    }

    private void awaitWaiting(int size) {
        await().atMost(SOON).until(() -> broker.waiting("tasks").size() == size);
    }

    @Test
    void holdsAsManyAsItsPrefetchAndTakesAnotherForEachAck() throws Exception {
        publish(6);
        consumer.opened(broker.connect("tasks"));
        awaitInbox(4);
        assertThat(consumer.unsettledByQueue()).containsEntry("tasks", 4);
        assertThat(readiness).containsExactly("ready");

        settler.ack(inbox.take());

        awaitWaiting(1);
        awaitInbox(4);
    }

    @Test
    void aLostConnectionClearsTheInboxAsTheBrokerHasItBack() throws Exception {
        publish(3);
        var connection = broker.connect("tasks");
        consumer.opened(connection);
        awaitInbox(3);
        var begun = inbox.take();

        connection.lose();
        consumer.lost();

        assertThat(inbox).isEmpty();
        assertThat(consumer.unsettled()).isZero();
        assertThat(readiness).containsExactly("ready", "not ready");
        assertThat(broker.waiting("tasks")).hasSize(3);

        settler.ack(begun); // of a connection that is gone: no harm
        consumer.opened(broker.connect("tasks"));
        awaitInbox(3);
        assertThat(inbox).allMatch(Delivery::redelivered);
    }

    @Test
    void aSmallerPrefetchGivesBackWhatWaitsAndNotWhatRuns() throws Exception {
        publish(4);
        consumer.opened(broker.connect("tasks"));
        awaitInbox(4);
        var running = inbox.take();

        consumer.resize(1, true);

        awaitWaiting(3); // nothing more is taken while that runs
        assertThat(inbox).isEmpty();
        assertThat(consumer.unsettled()).isEqualTo(1);

        settler.ack(running);
        await().atMost(SOON).until(() -> consumer.unsettled() == 0);
        consumer.resize(1, false);
        awaitInbox(1);
        awaitWaiting(2);
    }

    @Test
    void withoutAFreeChannelItKeepsItsConnectionAndConsumesTheQueueLater() throws Exception {
        broker.declare("other");
        publish(1);
        broker.publish("other", new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), true, null)
                .join();
        var connection = broker.connect("tasks", "other").channelMax(3);
        var both = consumer(Duration.ofHours(1), 1, List.of("tasks", "other", "other"));
        both.opened(connection);
        awaitInbox(2);
        var running = List.of(inbox.take(), inbox.take());
        publish(3);

        both.resize(4, true); // each queue has a retired subscription: one channel is left

        awaitInbox(3);
        settler.ack(running.get(0));
        await().atMost(SOON).until(() -> both.unsettled() == 4);
        both.resize(4, true);
        broker.publish("other", new EncodedMessage(new AMQP.BasicProperties(), new byte[0]), true, null)
                .join();
        awaitInbox(4);
        assertThat(connection.isReopened()).isFalse();
    }

    @Test
    void aStopGivesBackWhatWaitsAndCompletesOnceTheRestIsSettled() throws Exception {
        publish(3);
        consumer.opened(broker.connect("tasks"));
        awaitInbox(3);
        var running = inbox.take();

        var stopped = consumer.stop();

        awaitWaiting(2);
        assertThat(stopped).isNotDone();
        settler.ack(running);
        assertThat(stopped).succeedsWithin(SOON);
        assertThat(broker.waiting("tasks")).hasSize(2);
    }

    @Test
    void aStoppedConsumerDoesNotSubscribeAgain() throws Exception {
        consumer.opened(broker.connect("tasks"));
        assertThat(consumer.stop()).succeedsWithin(SOON);
        consumer.lost();

        consumer.opened(broker.connect("tasks"));
        publish(1);

        assertThat(broker.waiting("tasks")).hasSize(1);
        assertThat(inbox).isEmpty();
    }

    @Test
    void whatWaitsTooLongIsGivenBackAndWhatRunsIsHandedOverToACopy() throws Exception {
        var renewing = consumer(Duration.ofSeconds(1), 2);
        publish(2);
        renewing.opened(broker.connect("tasks").means(ConsumerTimeout.Means.COPIES));
        awaitInbox(2);
        var running = inbox.take();

        await().atMost(SOON)
                .until(
                        () -> { // 400 ms old
                            renewing.renew();
                            return renewing.unsettled() == 2 && inbox.stream().allMatch(Delivery::redelivered);
                        });
        settler.ack(running);

        await().atMost(SOON)
                .untilAsserted(
                        () -> { // the other message may be on its way
                            assertThat(renewing.unsettled()).isEqualTo(inbox.size());
                            assertThat(broker.waiting("tasks").size() + inbox.size())
                                    .isEqualTo(1);
                        });
    }
}
