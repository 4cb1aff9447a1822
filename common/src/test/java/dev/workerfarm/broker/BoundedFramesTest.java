package dev.workerfarm.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.impl.AMQContentHeader;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.Frame;
import dev.workerfarm.json.DecodeException;
import dev.workerfarm.wire.Body;
import dev.workerfarm.wire.task.TaskCodec;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoundedFramesTest {
    private static final int CHANNEL = 3;
    private final Queue<Frame> sent = new ArrayDeque<>();
    private final BoundedFrames frames = new BoundedFrames();

    private static AMQP.BasicProperties properties(Map<String, Object> headers) {
        return new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("utf-8")
                .headers(headers)
                .deliveryMode(2)
                .correlationId("c")
                .replyTo("r")
                .build();
    }

    private static Frame header(AMQP.BasicProperties properties, long bodySize) throws IOException {
        return read(properties.toFrame(CHANNEL, bodySize));
    }

    /** As it comes from a connection: its payload as bytes. */
    private static Frame read(Frame frame) {
        return new Frame(frame.getType(), frame.getChannel(), frame.getPayload());
    }

    private AMQP.BasicProperties receive(Frame header) throws IOException {
        sent.add(header);
        return (AMQP.BasicProperties) parse(Objects.requireNonNull(frames.next(sent::poll)));
    }

    private static AMQContentHeader parse(Frame frame) throws IOException {
        return AMQImpl.readContentHeaderFrom(frame.getInputStream());
    }

    private static Map<String, Object> nested(int levels) {
        Map<String, Object> table = Map.of();
        for (int i = 2; i < levels; i++) {
            table = i % 2 == 0 ? Map.of("x", table) : Map.of("x", List.of(table));
        }
        return Map.of("deep", table);
    }

    @Test
    @SuppressWarnings("JavaUtilDate") // what AMQP's timestamps are to its client
    void passesOnWhatIsInOrderUntouched() throws IOException {
        Map<String, Object> headers = new HashMap<>(Map.of(
                "int",
                1,
                "long",
                2L,
                "short",
                (short) 3,
                "byte",
                (byte) 4,
                "float",
                5f,
                "double",
                6.0,
                "decimal",
                new BigDecimal("7.8"),
                "date",
                new Date(0),
                "bytes",
                new byte[] {9},
                "list",
                Arrays.asList(true, null, List.of(), Map.of("x", "y"))));
        headers.put("", "");
        for (var properties : List.of(properties(headers), new AMQP.BasicProperties())) {
            var frame = header(properties, 7);
            sent.add(frame);
            assertThat(frames.next(sent::poll)).isSameAs(frame);
        }
        var method = new Frame(AMQP.FRAME_METHOD, CHANNEL, new byte[100]);
        sent.add(method);
        assertThat(frames.next(sent::poll)).isSameAs(method);
        assertThat(frames.next(sent::poll)).isNull();
    }

    @Test
    void replacesHeadersThatTheClientWouldNotRead() throws IOException {
        var deep = header(properties(nested(100)), 7);
        assertThatThrownBy(() -> parse(deep)).isInstanceOf(IOException.class);

        var received = receive(deep);

        assertThat(received.getHeaders()).containsOnlyKeys("farm-unreadable-headers");
        assertThat(received)
                .extracting(
                        AMQP.BasicProperties::getContentType,
                        AMQP.BasicProperties::getDeliveryMode,
                        AMQP.BasicProperties::getCorrelationId,
                        AMQP.BasicProperties::getReplyTo)
                .containsExactly("application/json", 2, "c", "r");
        assertThat(received.getBodySize()).isEqualTo(7);
        assertThatThrownBy(() -> TaskCodec.decode(received, new byte[7]))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("nest too deep");
    }

    @Test
    void whatItPassesOnTheClientReads() throws IOException {
        var random = new Random(7);
        for (int levels = 1; levels < 40; levels++) {
            receive(header(properties(nested(levels)), 0));
        }
        for (int i = 0; i < 20_000; i++) {
            var payload = header(properties(nested(1 + i % 35)), 7).getPayload().clone();
            // Within the headers: what the client makes of the rest, the broker has checked.
            var begin = 14 + "application/json".length() + 1 + "utf-8".length() + 1;
            var length = ByteBuffer.wrap(payload).getInt(begin);
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                payload[begin + 4 + random.nextInt(length)] = (byte) random.nextInt(256);
            }
            receive(new Frame(AMQP.FRAME_HEADER, CHANNEL, payload));
        }
    }

    @Test
    void passesOnNoMoreOfALargeBodyThanShowsThatItIsTooLarge() throws IOException {
        var size = 3L << 30;
        assertThat(receive(header(properties(Map.of()), size)).getBodySize()).isEqualTo(Body.MOST_PASSED_BYTES);

        var part = new byte[100_000];
        long passed = 0;
        for (int i = 0; i < 200; i++) {
            sent.add(new Frame(AMQP.FRAME_BODY, CHANNEL, part));
            sent.add(new Frame(AMQP.FRAME_BODY, CHANNEL + 1, part)); // another's is not counted
        }
        for (var frame = frames.next(sent::poll); frame != null; frame = frames.next(sent::poll)) {
            passed += frame.getChannel() == CHANNEL ? frame.getPayload().length : 0;
        }
        assertThat(passed).isEqualTo(Body.MOST_PASSED_BYTES);

        receive(header(properties(Map.of()), 5));
        sent.add(new Frame(AMQP.FRAME_BODY, CHANNEL, new byte[5]));
        assertThat(Objects.requireNonNull(frames.next(sent::poll)).getPayload()).hasSize(5);
    }
}
