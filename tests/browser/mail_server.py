"""A minimal SMTP server that records the mails it receives."""

import contextlib
import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SmtpConversation)
        self.mails: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class SmtpConversation(socketserver.StreamRequestHandler):
    def handle(self):
        self._reply("220 ready")
        while line := self.rfile.readline().decode().strip():
            command = line.split()[0].upper()
            if command == "DATA":
                self._reply("354 go ahead")
                self.server.mails.append(self._read_mail())
            self._reply("221 bye" if command == "QUIT" else "250 ok")
            if command == "QUIT":
                return

    def _read_mail(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)

    def _reply(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@contextlib.contextmanager
def mail_server():
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
