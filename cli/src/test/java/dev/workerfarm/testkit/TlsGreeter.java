package dev.workerfarm.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** A server on 127.0.0.1 that knows nothing but the handshake of TLS. Has a thread of its own; who starts it closes it. */
public final class TlsGreeter implements AutoCloseable {
    private final SSLServerSocket server;

    private TlsGreeter(SSLServerSocket server) {
        this.server = server;
    }

    /** Starts it with a certificate to present. */
    public static TlsGreeter start(HeldCertificate certificate) {
        var context = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslContext();
        try {
            var greeter = new TlsGreeter((SSLServerSocket)
                    context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            var thread = new Thread(greeter::greet, "workerfarm-test-greeter");
            thread.setDaemon(true);
            thread.start();
            return greeter;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void greet() {
        while (!server.isClosed()) {
            try (var client = (SSLSocket) server.accept()) {
                client.startHandshake();
            } catch (IOException e) {
                // The client did not like the certificate, or the server is being closed.
            }
        }
    }
}
