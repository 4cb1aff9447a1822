package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ReplyAcksTest {
    private final List<String> acks = new CopyOnWriteArrayList<>();
    private boolean closed;

    /** Only its acks are used. */
    private final Channel channel = (Channel) Proxy.newProxyInstance(
            Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                acks.add(method.getName() + " " + arguments[0] + " " + arguments[1]);
                if (closed) {
                    throw new AlreadyClosedException(new ShutdownSignalException(true, false, null, null));
                }
                return null;
            });

    private final ReplyAcks replies = new ReplyAcks(channel);
    private long tag;

    private void take(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            replies.taken(new Delivery(
                    new Envelope(++tag, false, "", "replies"), new AMQP.BasicProperties(), new byte[bytes]));
        }
    }

    @Test
    void manyRepliesAreAckedInGroupsAndTheRestAMomentLater() {
        take(6_410, 10);
        await().atMost(Duration.ofSeconds(10)).until(() -> acks.contains("basicAck 6410 true"));

        assertThat(acks).allMatch(ack -> ack.endsWith(" true")).hasSizeBetween(100, 300);
    }

    @Test
    void aSingleReplyIsAckedAMomentLaterAndSoIsTheNext() {
        take(1, 10);
        await().atMost(Duration.ofSeconds(10)).until(() -> acks.contains("basicAck 1 true"));
        take(1, 10);
        await().atMost(Duration.ofSeconds(10)).until(() -> acks.contains("basicAck 2 true"));
    }

    @Test
    void largeRepliesAreNotHeldByTheBrokerForTheOthersOfAGroup() {
        take(2, 200_000);
        assertThat(acks).last().isEqualTo("basicAck 2 true");
    }

    @Test
    void aLostConnectionEndsNothing() {
        closed = true;
        take(64, 10);
        assertThat(acks).containsExactly("basicAck 64 true");
        take(1, 10);
        await().atMost(Duration.ofSeconds(10)).until(() -> acks.contains("basicAck 65 true"));
    }
}
