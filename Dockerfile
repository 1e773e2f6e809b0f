# docker build --tag lipwright .
# docker run --rm --volume "$PWD:/data" lipwright sync --image me.jpg --audio a.wav --output a.mp4
FROM python:3.13-slim AS build
WORKDIR /source
COPY requirements/demo.txt requirements/
RUN python -m venv /opt/lipwright \
    && /opt/lipwright/bin/pip install --no-cache-dir --require-hashes -r requirements/demo.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY LICENSES LICENSES
COPY src src
RUN /opt/lipwright/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
COPY --from=build /opt/lipwright /opt/lipwright
RUN useradd --create-home --uid 1000 lipwright && mkdir /data && chown lipwright /data
ENV PATH="/opt/lipwright/bin:$PATH" PYTHONUNBUFFERED=1
USER lipwright
WORKDIR /data
ENTRYPOINT ["lipwright"]
CMD ["--help"]
