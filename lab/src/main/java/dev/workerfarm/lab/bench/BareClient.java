package dev.workerfarm.lab.bench;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling: what amqp-client alone reaches with the farm's own messages. They have the same bytes, are persistent and mandatory,
 * and are confirmed within the same window; a worker acks a task after its reply is confirmed, in groups. It has no retries, no
 * recovery, no limits. It is kept in one file and uses no class of the farm, so that a change of the farm does not change
 * it too. {@link #main} is its worker process. Belongs to one thread.
 */
final class BareClient implements AutoCloseable {
    private static final String QUEUE = "bench.bare";
    private static final int WINDOW = 512;
    private static final int WORKER_PREFETCH = 128;
    private static final int REPLY_PREFETCH = 512;
    private static final int ACK_GROUP = 64;
    private static final String JSON = "application/json";
    private static final String LONGS = "application/octet-stream";
    private static final int PATIENCE_SECONDS = 120;

    private final Connection connection;
    private final Connection consuming;
    private final Channel publisher;
    private final Semaphore window = new Semaphore(WINDOW);
    private final String replies = "bench.replies." + UUID.randomUUID();
    private final List<Process> workers = new ArrayList<>();
    private volatile Round round = new Round(0);

    /** The answers of one round: task {@code i}'s is at i, or from i times the chunk's size on. */
    private static final class Round {
        private final @Nullable Object[] answers;
        private final AtomicLongArray seen;
        private final CountDownLatch missing;

        Round(int messages) {
            answers = new @Nullable Object[messages];
            seen = new AtomicLongArray(messages);
            missing = new CountDownLatch(messages);
        }
    }

    /** Starts so many worker processes and waits until they consume. */
    BareClient(String url, int processes) throws IOException, InterruptedException {
        try {
            connection = connect(url);
            consuming = connect(url);
            publisher = connection.createChannel();
            publisher.queueDeclare(QUEUE, true, false, false, Map.of());
            publisher.queuePurge(QUEUE);
            publisher.queueDeclare(replies, true, false, false, Map.of("x-queue-type", "classic"));
            publisher.confirmSelect();
            confirmInto(publisher, window);
            consumeReplies();
            for (int i = 0; i < processes; i++) {
                workers.add(startWorker(url));
            }
            while (publisher.consumerCount(QUEUE) < processes) {
                if (workers.stream().anyMatch(worker -> !worker.isAlive())) {
                    throw new IOException("a bare worker has ended");
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            workers.forEach(Process::destroyForcibly);
            throw e;
        }
    }

    private static Connection connect(String url) throws IOException {
        try {
            var factory = new ConnectionFactory();
            factory.setUri(url.endsWith("/") ? url.substring(0, url.length() - 1) : url); // else the virtual host is ""
            return factory.newConnection("bench bare");
        } catch (Exception e) {
            throw new IOException("the bare client cannot connect: " + e, e);
        }
    }

    private static Process startWorker(String url) throws IOException {
        var java = System.getProperty("java.home") + "/bin/java";
        var builder = new ProcessBuilder(
                java, "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), BareClient.class.getName());
        builder.environment().put("BENCH_AMQP_URL", url); // a password does not belong on a command line
        return builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** One message a task: the squares of 0 to n-1. */
    long[] unbatched(int n) throws IOException, InterruptedException {
        begin(n);
        for (int i = 0; i < n; i++) {
            publish(i, JSON, task(i));
        }
        return await().stream().mapToLong(reply -> (Long) reply).toArray();
    }

    /** How long each of n tasks took, one after the other, in nanoseconds. */
    long[] oneAtATime(int n) throws IOException, InterruptedException {
        var nanos = new long[n];
        for (int i = 0; i < n; i++) {
            var start = System.nanoTime();
            begin(1);
            publish(0, JSON, task(i));
            var square = (Long) await().get(0);
            nanos[i] = System.nanoTime() - start;
            check(square == (long) i * i, "a square");
        }
        return nanos;
    }

    /** The squares of these numbers, so many a message, as JSON or as packed 64-bit integers. */
    long[] chunks(long[] numbers, int size, boolean packed) throws IOException, InterruptedException {
        var messages = (numbers.length + size - 1) / size;
        begin(messages);
        for (int i = 0; i < messages; i++) {
            var chunk = Arrays.copyOfRange(numbers, i * size, Math.min(numbers.length, (i + 1) * size));
            publish(i, packed ? LONGS : JSON, packed ? pack(chunk) : json(chunk));
        }
        var squares = new long[numbers.length];
        var at = 0;
        for (var answer : await()) {
            var chunk = (long[]) answer;
            System.arraycopy(chunk, 0, squares, at, chunk.length);
            at += chunk.length;
        }
        check(at == squares.length, "the number of results");
        return squares;
    }

    private void begin(int messages) {
        round = new Round(messages);
    }

    private List<Object> await() throws InterruptedException {
        var current = round;
        check(current.missing.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "all replies within the time");
        check(window.tryAcquire(WINDOW, PATIENCE_SECONDS, TimeUnit.SECONDS), "all confirms");
        window.release(WINDOW);
        List<Object> answers = new ArrayList<>(current.answers.length);
        for (int i = 0; i < current.answers.length; i++) {
            check(current.seen.get(i) == 1, "one reply for each task");
            answers.add(Objects.requireNonNull(current.answers[i]));
        }
        return answers;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("the bare client does not have " + what);
        }
    }

    private void publish(int index, String contentType, byte[] body) throws IOException, InterruptedException {
        var id = UUID.randomUUID().toString();
        Map<String, @Nullable Object> headers = new HashMap<>();
        headers.put("lang", "java");
        headers.put("task", "square");
        headers.put("id", id);
        headers.put("root_id", id);
        headers.put("parent_id", null);
        headers.put("group", null);
        headers.put("retries", 0);
        headers.put("eta", null);
        headers.put("expires", null);
        headers.put("timelimit", Arrays.asList(null, null));
        headers.put("ignore_result", false);
        headers.put("farm-generation", 0);
        headers.put("farm-published", System.currentTimeMillis());
        var properties = new AMQP.BasicProperties.Builder()
                .contentType(contentType)
                .contentEncoding("utf-8")
                .deliveryMode(2)
                .priority(0)
                .correlationId(Integer.toString(index))
                .replyTo(replies)
                .headers(headers)
                .build();
        window.acquire();
        publisher.basicPublish("", QUEUE, true, properties, body);
    }

    private static void confirmInto(Channel channel, Semaphore window) {
        var settled = new TreeMap<Long, Boolean>(); // numbers that were confirmed alone, out of their order
        var last = new long[1];
        channel.addConfirmListener(
                (number, multiple) -> {
                    if (multiple) {
                        var alone = settled.headMap(number, true);
                        window.release((int) (number - last[0]) - alone.size());
                        alone.clear();
                        last[0] = number;
                    } else {
                        window.release();
                        settled.put(number, true);
                        while (settled.remove(last[0] + 1) != null) {
                            last[0]++;
                        }
                    }
                },
                (number, multiple) -> {
                    throw new IllegalStateException("the broker refuses a message");
                });
        channel.addReturnListener(returned -> {
            throw new IllegalStateException("a message came back");
        });
    }

    private void consumeReplies() throws IOException {
        var channel = consuming.createChannel();
        channel.basicQos(REPLY_PREFETCH);
        channel.basicConsume(replies, false, new DefaultConsumer(channel) {
            private int unacked;

            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                var current = round;
                var index = Integer.parseInt(properties.getCorrelationId());
                current.answers[index] = LONGS.equals(properties.getContentType())
                        ? unpack(body)
                        : body[0] == '{' ? (Object) result(body) : parse(body, 0, body.length);
                current.seen.incrementAndGet(index);
                current.missing.countDown();
                if (++unacked == ACK_GROUP || current.missing.getCount() == 0) {
                    channel.basicAck(envelope.getDeliveryTag(), true);
                    unacked = 0;
                }
            }
        });
    }

    private static byte[] task(long number) {
        var body = "[[" + number + "],{},{\"callbacks\":null,\"errbacks\":null,\"chain\":null,\"chord\":null}]";
        return body.getBytes(StandardCharsets.US_ASCII);
    }

    private static long result(byte[] reply) {
        var text = new String(reply, StandardCharsets.US_ASCII);
        var from = text.indexOf("\"result\":") + 9;
        return Long.parseLong(text.substring(from, text.indexOf(',', from)));
    }

    private static byte[] json(long[] numbers) {
        var text = new StringBuilder(numbers.length * 10).append('[');
        for (int i = 0; i < numbers.length; i++) {
            if (i > 0) {
                text.append(',');
            }
            text.append(numbers[i]);
        }
        return text.append(']').toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static long[] parse(byte[] json, int from, int to) {
        var numbers = new long[(to - from) / 2 + 1];
        var count = 0;
        var number = 0L;
        var isIn = false;
        for (int i = from; i < to; i++) {
            var digit = json[i] - '0';
            if (digit >= 0 && digit <= 9) {
                number = number * 10 + digit;
                isIn = true;
            } else if (isIn) {
                numbers[count++] = number;
                number = 0;
                isIn = false;
            }
        }
        return Arrays.copyOf(numbers, count);
    }

    private static byte[] pack(long[] numbers) {
        var bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
        bytes.asLongBuffer().put(numbers);
        return bytes.array();
    }

    private static long[] unpack(byte[] bytes) {
        var numbers = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(numbers);
        return numbers;
    }

    private static void square(long[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] *= numbers[i];
        }
    }

    @Override
    public void close() {
        workers.forEach(Process::destroy);
        try {
            for (var worker : workers) {
                worker.waitFor();
            }
            publisher.queueDelete(replies);
            publisher.queueDelete(QUEUE);
            connection.close();
            consuming.close();
        } catch (IOException e) {
            connection.abort();
            consuming.abort();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A worker process: squares until it is stopped. */
    public static void main(String[] arguments) throws IOException {
        var url = System.getenv("BENCH_AMQP_URL");
        var tasks = connect(url).createChannel();
        var answers = connect(url).createChannel();
        answers.confirmSelect();
        var unconfirmed = new TreeMap<Long, Long>(); // publish number to delivery tag
        var last = new long[2]; // the last delivery that was answered, and the last that was acked
        answers.addConfirmListener(
                (number, multiple) -> {
                    long done;
                    synchronized (unconfirmed) {
                        if (multiple) {
                            unconfirmed.headMap(number, true).clear();
                        } else {
                            unconfirmed.remove(number);
                        }
                        done = unconfirmed.isEmpty()
                                ? last[0]
                                : unconfirmed.firstEntry().getValue() - 1;
                    }
                    if (done > last[1]) {
                        tasks.basicAck(done, true);
                        last[1] = done;
                    }
                },
                (number, multiple) -> System.exit(1));
        tasks.basicQos(WORKER_PREFETCH);
        tasks.basicConsume(QUEUE, false, new DefaultConsumer(tasks) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                var isPacked = LONGS.equals(properties.getContentType());
                var reply = answer(properties, body, isPacked);
                var answer = new AMQP.BasicProperties.Builder()
                        .contentType(isPacked ? LONGS : JSON)
                        .contentEncoding("utf-8")
                        .deliveryMode(2)
                        .correlationId(properties.getCorrelationId())
                        .build();
                synchronized (unconfirmed) {
                    last[0] = envelope.getDeliveryTag();
                    unconfirmed.put(answers.getNextPublishSeqNo(), last[0]);
                }
                answers.basicPublish("", properties.getReplyTo(), true, answer, reply);
            }
        });
    }

    private static byte[] answer(AMQP.BasicProperties properties, byte[] body, boolean isPacked) {
        if (isPacked) {
            var numbers = unpack(body);
            square(numbers);
            return pack(numbers);
        }
        var numbers = parse(body, 0, body.length);
        if (body[1] == '[') { // a single task
            return ("{\"task_id\":\"" + properties.getHeaders().get("id") + "\",\"status\":\"SUCCESS\",\"result\":"
                            + numbers[0] * numbers[0] + ",\"traceback\":null,\"children\":[]}")
                    .getBytes(StandardCharsets.US_ASCII);
        }
        square(numbers);
        return json(numbers);
    }
}
