package dev.workerfarm.worker.download;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import javax.net.SocketFactory;

/** Makes sockets that ask an {@link AddressGuard} before they connect. OkHttp puts TLS on top of them. Thread-safe. */
final class GuardedSocketFactory extends SocketFactory {
    private final AddressGuard guard;

    GuardedSocketFactory(AddressGuard guard) {
        this.guard = guard;
    }

    @Override
    public Socket createSocket() {
        return new GuardedSocket();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw onlyUnconnected();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw onlyUnconnected();
    }

    private static UnsupportedOperationException onlyUnconnected() {
        return new UnsupportedOperationException("OkHttp asks for unconnected sockets only");
    }

    private final class GuardedSocket extends Socket {
        GuardedSocket() {
            super(Proxy.NO_PROXY); // else -DsocksProxyHost would have a proxy make the connection
        }

        /** Also the way of {@link #connect(SocketAddress)}, which calls this one. */
        @Override
        public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
            if (!(endpoint instanceof InetSocketAddress target)) {
                throw new DownloadException("refused: not an internet address: " + endpoint);
            }
            guard.check(target);
            try {
                super.connect(target, timeoutMillis);
            } catch (SocketTimeoutException e) {
                throw new ConnectTimeoutException(target, Duration.ofMillis(timeoutMillis), e);
            }
        }
    }

    /** A {@link SocketTimeoutException}, so that OkHttp goes on to the next address, that can be told from a slow answer. */
    static final class ConnectTimeoutException extends SocketTimeoutException {
        ConnectTimeoutException(InetSocketAddress target, Duration timeout, SocketTimeoutException cause) {
            super("timed out after %s connecting to %s, port %s"
                    .formatted(Failures.text(timeout), target.getHostString(), target.getPort()));
            initCause(cause);
        }
    }
}
