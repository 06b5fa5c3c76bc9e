"""A protoc plugin for buf: grpc_tools' gRPC generator, its types, and the files that make it all one package.

buf knows protoc's built-in generators, and `grpc_python` is none of them. Files without a service get no
`*_pb2_grpc.py`.
"""

import sys
import tempfile
from pathlib import Path, PurePosixPath

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    """Answer protoc: modules and types for files with a service, `__init__.py` everywhere, one `py.typed`."""
    response = CodeGeneratorResponse(supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
    wanted = set(request.file_to_generate)
    services = [file.name for file in request.proto_file if file.name in wanted and file.service]
    folders = {folder for name in wanted for folder in PurePosixPath(name).parents if folder.name}
    for folder in sorted(folders):
        response.file.add(name=f"{folder}/__init__.py", content="")
    for package in sorted({folder.parts[0] for folder in folders}):
        response.file.add(name=f"{package}/py.typed", content="")
    if services:
        with tempfile.TemporaryDirectory() as scratch:
            for path in run_protoc(request, services, Path(scratch)):
                response.file.add(name=path.relative_to(scratch).as_posix(), content=path.read_text())
    return response


def run_protoc(request: CodeGeneratorRequest, files: list[str], scratch: Path) -> list[Path]:
    """Have grpc_tools write the modules of `files` below `scratch`; returns their paths."""
    descriptors = scratch / "descriptors"
    descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
    mypy = Path(sys.prefix) / "bin" / "protoc-gen-mypy_grpc"
    options = [f"--plugin={mypy}", f"--grpc_python_out={scratch}", f"--mypy_grpc_out=quiet:{scratch}"]
    if status := protoc.main(["protoc", f"--descriptor_set_in={descriptors}", *options, *files]):
        sys.exit(status)
    return sorted(scratch.rglob("*_pb2_grpc.py*"))


if __name__ == "__main__":
    answer = generate(CodeGeneratorRequest.FromString(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(answer.SerializeToString())
