package dev.workerfarm.pool.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import dev.workerfarm.error.CallInterruptedException;
import dev.workerfarm.wire.EncodedMessage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UnansweredBytesTest {
    @Test
    void anInterruptedThreadIsRefusedOnlyWhereItWouldWait() {
        var kept = new UnansweredBytes(10 * 1024);
        var message = new EncodedMessage(new AMQP.BasicProperties(), new byte[8 * 1024]);
        Thread.currentThread().interrupt();

        kept.take(message, Duration.ofSeconds(20));

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThatThrownBy(() -> kept.take(message, Duration.ofSeconds(20)))
                .isInstanceOf(CallInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
