"""An OTLP collector that counts what it is sent, and keeps nothing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """Both services; they share the name of their only method."""

    def __init__(self) -> None:
        self.spans = self.metrics = 0

    def Export(self, request: object, context: grpc.ServicerContext) -> object:  # noqa: N802 - of the contract
        """Count."""
        if isinstance(request, trace_service_pb2.ExportTraceServiceRequest):
            self.spans += sum(len(scope.spans) for one in request.resource_spans for scope in one.scope_spans)
            return trace_service_pb2.ExportTraceServiceResponse()
        self.metrics += 1
        return metrics_service_pb2.ExportMetricsServiceResponse()


@contextmanager
def collector() -> Iterator[tuple[str, Collector]]:
    """One that serves; yields its address too."""
    counted = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(counted, server)  # type: ignore[no-untyped-call]  # generated
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(counted, server)  # type: ignore[no-untyped-call]  # generated
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", counted
    finally:
        server.stop(None)
