# docker build -t wordtensor .            the core, on a CPU
# docker build -t wordtensor --build-arg EXTRAS='[nets,plots,gpu]' .
# docker run --rm wordtensor decompose "a*b*a^-1" S4
# On a GPU (NVIDIA's container toolkit): docker run --rm --gpus all wordtensor decompose "[a,b]" S4 --device cuda --effort search
FROM python:3.12-slim
ARG EXTRAS=""
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src ./src
RUN pip install --no-cache-dir ".${EXTRAS}"
RUN useradd --create-home user
USER user
WORKDIR /home/user
ENTRYPOINT ["wordtensor"]
